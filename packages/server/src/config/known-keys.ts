import type { JsonObject } from '@countersign/core'
import { z } from 'zod'
import type { ZodType } from 'zod'
import { objectOf } from './editor-schema.ts'

/** The keys a schema knows at a path, for messages. */
export function knownKeys(schema: ZodType, path: readonly PropertyKey[]): readonly string[] {
  // zod writes plain JSON.
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', cycles: 'ref' }) as JsonObject
  let schemas = branches(root, root)
  for (const step of path) schemas = schemas.flatMap((at) => inside(at, step)).flatMap((at) => branches(at, root))
  return [...new Set(schemas.flatMap((at) => Object.keys(objectOf(at['properties']))))].toSorted()
}

function inside(schema: JsonObject, step: PropertyKey): readonly JsonObject[] {
  const property = objectOf(schema['properties'])[String(step)]
  const next = typeof step === 'number' ? schema['items'] : (property ?? schema['additionalProperties'])
  return [objectOf(next)]
}

function branches(schema: JsonObject, root: JsonObject, depth = 0): readonly JsonObject[] {
  if (depth > 8) return []
  const reference = schema['$ref']
  const target = typeof reference === 'string' ? objectOf(objectOf(root['$defs'])[reference.replace('#/$defs/', '')]) : undefined
  const parts = [schema['anyOf'], schema['oneOf'], schema['allOf']].flatMap((list) => (Array.isArray(list) ? list.map(objectOf) : []))
  return [schema, ...[...parts, ...(target === undefined ? [] : [target])].flatMap((part) => branches(part, root, depth + 1))]
}
