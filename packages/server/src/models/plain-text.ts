import type { JsonValue } from '@countersign/core'

const maxLength = 4000

/** A JSON value as text that a person can read: a line for each field, a bullet for each entry. Long values are cut off. */
export function plainText(value: JsonValue): string {
  const text = lines(value, '', 0).join('\n')
  return text.length <= maxLength ? text : `${text.slice(0, maxLength)} …`
}

function lines(value: JsonValue, indent: string, depth: number): readonly string[] {
  if (!isBranch(value)) return [`${indent}${scalar(value)}`]
  if (depth > 8) return [`${indent}…`]
  if (isList(value)) return value.flatMap((item) => bullet(item, indent, depth))
  return Object.entries(value).flatMap(([key, member]) => {
    const label = `${indent}${key.replaceAll('_', ' ')}:`
    if (!isBranch(member)) return [`${label} ${scalar(member)}`]
    if (isList(member) && member.every(isScalar)) return [`${label} ${member.map(scalar).join(', ') || 'none'}`]
    return [label, ...lines(member, `${indent}  `, depth + 1)]
  })
}

function bullet(item: JsonValue, indent: string, depth: number): readonly string[] {
  const [first = '', ...rest] = lines(item, '', depth + 1)
  return [`${indent}- ${first}`, ...rest.map((line) => `${indent}  ${line}`)]
}

function scalar(value: Scalar): string {
  if (value === null) return 'none'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return String(value)
}

type Scalar = string | number | boolean | null

function isBranch(value: JsonValue): value is Exclude<JsonValue, Scalar> {
  return typeof value === 'object' && value !== null
}

function isScalar(value: JsonValue): value is Scalar {
  return !isBranch(value)
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}
