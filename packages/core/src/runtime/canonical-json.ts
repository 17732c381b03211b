import type { JsonObject, JsonValue } from '../protocol/json.ts'

/**
 * JSON in one form only: keys sorted by UTF-16 code units, no white space, numbers as ECMAScript prints them.
 * @see RFC 8785
 */
export function canonicalJson(value: JsonValue): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError('JSON has no number for Infinity or NaN')
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  return isArray(value) ? `[${value.map(canonicalJson).join(',')}]` : objectJson(value)
}

/** Joined by hand and sorted without a function of ours: each record of the audit passes here as it is written and as it is verified. */
function objectJson(value: JsonObject): string {
  let members = ''
  // Without a comparator texts are sorted by UTF-16 code units.
  for (const key of Object.keys(value).toSorted()) {
    const member = value[key]
    if (member !== undefined) members += `${members === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`
  }
  return `{${members}}`
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}
