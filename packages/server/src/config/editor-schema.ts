import type { JsonObject, JsonValue } from '@countersign/core'
import { z } from 'zod'

/** What `${VAR}` may stand for, which is everything: in a file it is a text. */
export const variable: JsonObject = { $ref: '#/definitions/variable' }

/**
 * A zod schema as editors read it (JSON Schema, draft 7): what goes in, with the descriptions of the fields. Wherever a value has to have a form, a variable
 * may stand instead.
 */
export function editorSchema(schema: z.ZodType): JsonObject {
  // zod writes plain JSON.
  const { $schema: _, ...written } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7', unrepresentable: 'any' }) as JsonObject
  return readable(written)
}

function readable(schema: JsonObject): JsonObject {
  const kept = Object.entries(schema).filter(([key, value]) => !isNoise(key, value))
  const inner = Object.fromEntries(kept.map(([key, value]) => [key, readableMember(key, value)]))
  if (!hasForm(inner)) return inner
  const { description, default: fallback, ...form } = inner
  return {
    ...(description !== undefined && { description }),
    ...(fallback !== undefined && { default: fallback }),
    anyOf: [form, variable],
  }
}

function readableMember(key: string, value: JsonValue): JsonValue {
  if (key === 'properties')
    return Object.fromEntries(Object.entries(objectOf(value)).map(([name, member]) => [name, readable(objectOf(member))]))
  if (key === 'items' || key === 'additionalProperties') return typeof value === 'boolean' ? value : readable(objectOf(value))
  return (key === 'anyOf' || key === 'oneOf' || key === 'allOf') && Array.isArray(value)
    ? value.map((branch: JsonValue) => readable(objectOf(branch)))
    : value
}

/** Whether a text that is a variable would not fit. */
function hasForm(schema: JsonObject): boolean {
  const type = schema['type']
  if (type === 'number' || type === 'integer' || type === 'boolean') return true
  return ['enum', 'const', 'pattern', 'format', 'maxLength'].some((key) => schema[key] !== undefined)
}

/** What zod writes and tells nobody anything. */
function isNoise(key: string, value: JsonValue): boolean {
  if (key === 'default') return typeof value === 'object' && value !== null && Object.keys(value).length === 0
  return key === 'propertyNames' || Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER
}

/** The object that a member of a schema is. */
export function objectOf(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
}
