import { Registry } from '@countersign/core'
import type { ProviderDefinition } from '@countersign/core/providers'
import type { ComponentRegistries } from '../config/component.ts'
import { quoted } from '../config/problem.ts'
import type { FunctionDefinition } from './function-definition.ts'
import { type LlmDefinition, llms } from './llms.ts'
import { type Plugin, pluginSections } from './plugin.ts'
import { whoAmI } from './who-am-i.ts'
import { type WorkflowDefinition, workflows } from './workflows.ts'

/** All that a workflow file can name, and how to make it. */
export interface ServerParts extends ComponentRegistries {
  readonly functions: Registry<FunctionDefinition>
  readonly llms: Registry<LlmDefinition>
  readonly authentication: Registry<ProviderDefinition>
  readonly workflows: Registry<WorkflowDefinition>
}

/** A plugin under the name by which it was asked for. */
export interface NamedPlugin {
  readonly name: string
  readonly plugin: Plugin
}

/** What is wrong with a plugin, by its name. */
export interface PluginProblem {
  readonly name: string
  readonly sentence: string
}

/** The parts that come with the server together with those of plugins; a type that two of them bring is a problem of the later one. */
export async function serverParts(
  plugins: readonly NamedPlugin[],
): Promise<{ readonly parts: ServerParts; readonly problems: readonly PluginProblem[] }> {
  const { providers } = await import('@countersign/core/providers')
  const problems: PluginProblem[] = []
  const join = <T extends { readonly type: string }>(
    section: keyof Plugin,
    own: readonly T[],
    of: (plugin: Plugin) => readonly T[],
  ): Registry<T> => {
    const byType = new Map(own.map((part) => [part.type, { part, origin: 'Countersign' }]))
    for (const { name, plugin } of plugins) {
      for (const part of of(plugin)) {
        const { origin } = byType.get(part.type) ?? {}
        if (origin === undefined) byType.set(part.type, { part, origin: quoted(name) })
        else problems.push({ name, sentence: clash(`the ${pluginSections[section]} ${quoted(part.type)}`, quoted(name), origin) })
      }
    }
    return new Registry(pluginSections[section], Object.fromEntries([...byType].map(([type, { part }]) => [type, part])))
  }
  const ownProviders = providers.names().map((type) => providers.get(type))
  const parts = {
    functions: join<FunctionDefinition>('functions', [whoAmI], ({ functions = [] }) => functions),
    llms: join('llms', llms, (plugin) => plugin.llms ?? []),
    authentication: join('authentication', ownProviders, ({ authentication = [] }) => authentication),
    workflows: join('workflows', workflows, (plugin) => plugin.workflows ?? []),
  }
  return { parts, problems }
}

function clash(part: string, later: string, earlier: string): string {
  return later === earlier ? `${later} brings ${part} twice` : `${later} brings ${part}, which ${earlier} has already; give it another name`
}
