import type { JsonValue } from '@countersign/core'

/** The value a JSON pointer leads to; undefined when there is none. See RFC 6901. */
export function valueAt(document: JsonValue, pointer: string): JsonValue | undefined {
  if (pointer === '') return document
  let value: JsonValue | undefined = document
  for (const token of pointer.slice(1).split('/')) {
    value = memberOf(value, token.replaceAll('~1', '/').replaceAll('~0', '~'))
    if (value === undefined) return undefined
  }
  return value
}

function memberOf(value: JsonValue | undefined, key: string): JsonValue | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
  return (value as Readonly<Record<string, JsonValue>>)[key] // a list's members are found by their index too
}
