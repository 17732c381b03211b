import type { JsonValue } from '../protocol/json.ts'

const SECRET_KEY = /^(?:.*[_-])?(?:password|passwd|secret|token|api_?key|authorization|cookie|credential)s?$/i
const MASK = '[secret]'

/** A value as people and logs may see it: what stands under a secret's name is masked. */
export function redactKeys(value: JsonValue): JsonValue {
  if (value === null || typeof value !== 'object') return value
  if (isArray(value)) return value.map(redactKeys)
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, SECRET_KEY.test(key) ? MASK : redactKeys(member)]))
}

/** A value without the given secrets, wherever in it they stand. */
export function redactSecrets(value: JsonValue, secrets: readonly string[]): JsonValue {
  if (secrets.length === 0) return value
  if (typeof value === 'string') return secrets.reduce((text, secret) => text.replaceAll(secret, MASK), value)
  if (value === null || typeof value !== 'object') return value
  if (isArray(value)) return value.map((member) => redactSecrets(member, secrets))
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, redactSecrets(member, secrets)]))
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}
