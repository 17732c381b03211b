import { CountersignError } from '@countersign/core'
import type { ProviderDefinition } from '@countersign/core/providers'
import { z } from 'zod'
import { forbiddenKeys } from '../config/node.ts'
import { quoted } from '../config/problem.ts'
import type { FunctionDefinition } from './function-definition.ts'
import type { LlmDefinition } from './llms.ts'
import type { WorkflowDefinition } from './workflows.ts'

/** Parts that a module adds to those that come with the server. Entries of a workflow file name them by their `type`. */
export interface Plugin {
  readonly functions?: readonly FunctionDefinition[]
  readonly llms?: readonly LlmDefinition[]
  readonly authentication?: readonly ProviderDefinition[]
  readonly workflows?: readonly WorkflowDefinition[]
}

/** A plugin, as it is written: export it as `plugin` from a module that the workflow file names under `plugins`. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin
}

/** The keys of a plugin, and what one part under each is called. */
export const pluginSections = {
  functions: 'function type',
  llms: 'model type',
  authentication: 'auth provider',
  workflows: 'workflow type',
} as const

/**
 * What a module exports as its plugin, which may have been written without types.
 * @throws CountersignError `invalid_config` for anything that `definePlugin` would not take
 */
export function readPlugin(exported: unknown): Plugin {
  if (typeof exported !== 'object' || exported === null) throw refusal('its "plugin" is not what definePlugin makes')
  for (const [section, definitions] of Object.entries(exported)) {
    if (!isSection(section))
      throw refusal(`its plugin has an unknown key ${quoted(section)}; known: ${Object.keys(pluginSections).join(', ')}`)
    if (!Array.isArray(definitions)) throw refusal(`its plugin's "${section}" is not a list`)
    for (const definition of definitions) checkDefinition(definition, pluginSections[section])
  }
  return exported
}

const definitionShape = z.looseObject({
  type: z.string(),
  config: z.custom<z.ZodType>((value) => typeof value === 'object' && value !== null && '_zod' in value),
  create: z.custom((value) => typeof value === 'function'),
})
const typeName = /^[a-z][\w.-]{0,63}(?:\/[a-z][\w.-]{0,63})?$/i

function checkDefinition(definition: unknown, sort: string): void {
  const read = definitionShape.safeParse(definition)
  if (!read.success) throw refusal(`each ${sort} of its plugin needs a "type", a "config" (a zod 4 schema) and a "create"`)
  const { type, config } = read.data
  if (!typeName.test(type) || forbiddenKeys.has(type)) throw refusal(`its ${sort} ${quoted(type)} has no name that "_type" can give`)
  if (dropsUnknownKeys(config))
    throw refusal(`the config of its ${sort} ${quoted(type)} would drop mistyped keys without a word; write z.strictObject`)
}

function dropsUnknownKeys(config: z.ZodType): boolean {
  return config instanceof z.ZodObject && config.def.catchall === undefined
}

function isSection(name: string): name is keyof typeof pluginSections {
  return Object.hasOwn(pluginSections, name)
}

function refusal(sentence: string): CountersignError {
  return new CountersignError('invalid_config', sentence)
}
