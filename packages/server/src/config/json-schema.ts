import type { JsonObject, JsonValue, Registry } from '@countersign/core'
import type { ComponentDefinition, ComponentRegistries, Section } from './component.ts'
import { editorSchema, objectOf, variable } from './editor-schema.ts'
import { generalSchema, keysSchema, pluginsSchema, storeSchema } from './general-schema.ts'
import { ignoredOptions } from './ignored-options.ts'

/**
 * The JSON Schema (draft 7) of workflow files whose entries name these parts: editors check and complete files by it.
 * @param isClosed whether these are all the parts there are; else a file that has plugins may name others
 */
export function workflowJsonSchema(parts: ComponentRegistries, isClosed: boolean): JsonObject {
  const { functions, llms, authentication, workflows } = parts
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Workflow of Countersign',
    type: 'object',
    properties: {
      base: {
        description: 'Another file, relative to this one, over which this one is laid. Maps are merged, the rest is replaced.',
        type: 'string',
      },
      plugins: editorSchema(pluginsSchema),
      general: withIgnored(editorSchema(generalSchema), ['general']),
      store: editorSchema(storeSchema),
      keys: editorSchema(keysSchema),
      functions: { description: 'What the agent can call: an entry for each, under a name of your choice.' },
      llms: { description: 'The models: an entry for each, under a name of your choice.' },
      authentication: { description: 'Where people sign in for tools: an entry for each, under a name of your choice.' },
      workflow: { description: 'The agent of this file.' },
      ...ignored(''),
    },
    additionalProperties: false,
    allOf: [
      // What a base may complete is not checked.
      { if: { required: ['base'] }, else: { ...sections(parts, entryOf), required: ['workflow'] } },
      { if: isClosed ? false : { anyOf: [{ required: ['plugins'] }, { required: ['base'] }] }, else: sections(parts, knownTypes) },
    ],
    definitions: {
      variable: { description: 'A variable: ${NAME}, ${NAME:-default} or ${NAME:?message}', type: 'string', pattern: '\\$\\{' },
      ...definitions('functions', functions),
      ...definitions('llms', llms),
      ...definitions('authentication', authentication),
      ...definitions('workflow', workflows),
    },
  }
}

/** The sections that hold entries, of which each follows a schema; a section of named ones may be empty. */
function sections(
  parts: ComponentRegistries,
  schema: (section: string, registry: Registry<ComponentDefinition>) => JsonObject,
): JsonObject {
  const named = (section: Section): JsonObject => ({ type: ['object', 'null'], additionalProperties: schema(section, parts[section]) })
  return {
    properties: {
      functions: named('functions'),
      llms: named('llms'),
      authentication: named('authentication'),
      workflow: schema('workflow', parts.workflows),
    },
  }
}

/** An entry: its `_type` says which definition the rest follows. */
function entryOf(section: string, registry: Registry<ComponentDefinition>): JsonObject {
  return {
    type: 'object',
    properties: { _type: { description: 'Of which sort this entry is.', type: 'string' } },
    required: ['_type'],
    allOf: registry.names().map((type) => ({
      if: { properties: { _type: { const: type } } },
      // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
      then: { $ref: `#/definitions/${pointer(definitionName(section, type))}` },
    })),
  }
}

/** An entry whose `_type` is one of those that are there. */
function knownTypes(_section: string, registry: Registry<ComponentDefinition>): JsonObject {
  const choices = registry.names().map((type): JsonObject => ({ const: type, ...descriptionOf(registry.get(type)) }))
  return { properties: { _type: { anyOf: [...choices, variable] } } }
}

function definitions(section: string, registry: Registry<ComponentDefinition>): JsonObject {
  return Object.fromEntries(registry.names().map((type) => [definitionName(section, type), definitionOf(registry.get(type))]))
}

/** An entry of one type, with the other names of its keys and those without effect. */
function definitionOf({ config, aliases = {}, ignored: without = [] }: ComponentDefinition): JsonObject {
  const { properties, required, ...rest } = editorSchema(config)
  const known = objectOf(properties)
  const others = Object.entries(aliases).map(([alias, key]): [string, JsonValue] => [
    alias,
    { ...objectOf(known[key]), description: `Another name of "${key}".` },
  ])
  const renamed = new Set(Object.values(aliases))
  const names = Array.isArray(required) ? required.map(String) : []
  const choices = names
    .filter((key) => renamed.has(key))
    .map((key) => ({
      anyOf: [key, ...Object.keys(aliases).filter((alias) => aliases[alias] === key)].map((name) => ({ required: [name] })),
    }))
  return {
    ...rest,
    properties: { _type: {}, ...known, ...Object.fromEntries(others), ...Object.fromEntries(without.map((key) => [key, noEffect])) },
    required: names.filter((key) => !renamed.has(key)),
    ...(choices.length > 0 && { allOf: choices }),
  }
}

const noEffect: JsonObject = { description: 'Has no effect here.', deprecated: true }

/** The options of a section that NAT documents and that have no effect here. */
function ignored(path: string): JsonObject {
  return Object.fromEntries([...(ignoredOptions[path] ?? [])].map((key) => [key, noEffect]))
}

function withIgnored(schema: JsonObject, path: readonly string[]): JsonObject {
  if (schema['properties'] === undefined) return schema
  const members = Object.entries(objectOf(schema['properties'])).map(([key, member]): [string, JsonObject] => [
    key,
    withIgnored(objectOf(member), [...path, key]),
  ])
  const isLogging = path.join('.') === 'general.telemetry.logging'
  return {
    ...schema,
    properties: { ...Object.fromEntries(members), ...ignored(path.join('.')) },
    ...(isLogging && { additionalProperties: noEffect }),
  }
}

function descriptionOf({ config }: ComponentDefinition): JsonObject {
  return config.description === undefined ? {} : { description: config.description }
}

function definitionName(section: string, type: string): string {
  return `${section} ${type}`
}

/** A name inside a reference. @see https://www.rfc-editor.org/rfc/rfc6901#section-6 */
function pointer(name: string): string {
  return encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'))
}
