import { type AuthProvider, CountersignError, type Runtime, type Workflow, defineWorkflow } from '@countersign/core'
import { type Plugin, readPlugin } from '../parts/plugin.ts'
import { type NamedPlugin, type ServerParts, serverParts } from '../parts/server-parts.ts'
import type { Agent, Entries } from '../parts/workflows.ts'
import type { ConfiguredComponent } from './component.ts'
import { buildSignIn, type SignInParts } from './build-sign-in.ts'
import type { SchemaSource } from './find-schema.ts'
import type { Config } from './load-config.ts'
import { loadPlugins } from './load-plugins.ts'
import { buildConfigSchema } from './schema.ts'

/** A configuration whose parts this server can make. */
export type ServerConfig = Config<ServerParts>

/** What a configuration comes to: one workflow and the providers its tools need. */
export interface Built {
  readonly workflow: Workflow
  /** How the chat presents it. */
  readonly agent: Pick<Agent, 'title' | 'description'> & { readonly examples: readonly string[] }
  readonly providers: ReadonlyMap<string, AuthProvider>
  /** Absent: the server signs nobody in itself. */
  readonly signIn: SignInParts | undefined
}

/**
 * The schema of the parts that come with the server, of `plugins`, and of those that the configuration names under `plugins:`,
 * which are imported once it is read that far.
 */
export function serverSchema(plugins: readonly Plugin[] = []): SchemaSource<ServerParts> {
  const given = plugins.map((plugin, at): NamedPlugin => ({ name: `plugin ${at + 1} of the program`, plugin: readPlugin(plugin) }))
  return async (names, directory) => {
    const loaded = await loadPlugins(names, directory)
    const { parts, problems } = await serverParts([...given, ...loaded.plugins])
    return { schema: buildConfigSchema(parts), problems: [...loaded.problems, ...problems] }
  }
}

/** The composition root: entries become parts. Nothing is connected to, and no model or protocol library is loaded yet. */
export function build(config: ServerConfig, runtime: Runtime): Built {
  const { parts, authentication } = config
  const entries: Entries = {
    model(name) {
      const { type, config: read } = entry(config.llms, name)
      return parts.llms.get(type).create(read, name)
    },
    tool(name) {
      const { type, config: read } = entry(config.functions, name)
      return parts.functions.get(type).create(read, name)
    },
  }
  const agent = parts.workflows.get(config.workflow.type).create(config.workflow.config, entries)
  const providers = new Map(
    [...authentication.values()].map(({ name, type, config: read }) => [name, parts.authentication.get(type).create(read, { name })]),
  )
  const { title, description, examples = [], ...rest } = agent
  const workflow = defineWorkflow({ ...rest, name: 'workflow', providers }, runtime)
  return {
    workflow,
    agent: { examples, ...(title !== undefined && { title }), ...(description !== undefined && { description }) },
    providers,
    signIn: buildSignIn(config),
  }
}

function entry(entries: ReadonlyMap<string, ConfiguredComponent>, name: string): ConfiguredComponent {
  const found = entries.get(name)
  if (!found) throw new CountersignError('invalid_config', `"${name}" is not configured`)
  return found
}
