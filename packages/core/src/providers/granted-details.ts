import type { JsonObject, JsonValue } from '../protocol/json.ts'

/**
 * Whether all that was asked for in detail was granted (RFC 9396 §7: the token answer says what was). A server may add members to a detail (§7.1);
 * one that is missing, or holds another value, was not granted, and neither was anything where the answer says nothing.
 */
export function coversDetails(granted: unknown, asked: readonly JsonObject[]): boolean {
  return asked.length === 0 || covers(granted, asked)
}

function covers(granted: unknown, asked: JsonValue): boolean {
  if (Array.isArray(asked)) {
    const given: readonly unknown[] = Array.isArray(granted) ? granted : []
    return Array.isArray(granted) && asked.every((each: JsonValue) => given.some((one) => covers(one, each)))
  }
  if (typeof asked !== 'object' || asked === null) return granted === asked
  if (typeof granted !== 'object' || granted === null) return false
  return Object.entries(asked).every(([key, value]) => {
    const given: unknown = Object.hasOwn(granted, key) ? Reflect.get(granted, key) : undefined
    return covers(given, value)
  })
}
