import type { AuthProvider, Tool } from '@countersign/core'
import type { Built, ServerConfig } from '../config/build.ts'
import type { ConfiguredComponent } from '../config/component.ts'
import { publicOriginOf } from '../config/public-origin.ts'
import { databaseName, databasePlace } from '../config/state-files.ts'

/** What a configuration comes to, for a person: who answers, with which tools, under whose sign-ins. Names and addresses only. */
export function summaryOf(config: ServerConfig, built: Built): string {
  const { workflow, functions, llms, authentication, plugins } = config
  const tools = [...built.workflow.tools.values()]
  return rows([
    ['workflow', [[workflow.type, built.agent.title].filter((text) => text !== undefined).join(': ')]],
    ['models', [...llms.values()].map(named)],
    ['tools', tools.map((tool) => toolLine(tool, functions.get(tool.name), built.providers))],
    ['sign-ins', [...authentication.values()].map((entry) => signInLine(entry, built.providers.get(entry.name)))],
    ['plugins', plugins],
    ['not used', unused(config, tools)],
    ['address', [addressOf(config)]],
    ['database', [databaseName(databasePlace(config))]],
  ])
}

function named({ name, type }: ConfiguredComponent): string {
  return `${name} (${type})`
}

function toolLine(tool: Tool, entry: ConfiguredComponent | undefined, providers: ReadonlyMap<string, AuthProvider>): string {
  const { auth } = tool
  const needs = typeof auth === 'function' ? ['a sign-in that depends on its arguments'] : []
  if (typeof auth === 'object') {
    const scopes = providers.get(auth.provider)?.scopesOf(auth) ?? []
    needs.push(`a sign-in at ${auth.provider}${scopes.length > 0 ? ` with ${scopes.join(', ')}` : ''}`)
  }
  if (tool.risk === 'high') needs.push('an approval of each call')
  return `${entry === undefined ? tool.name : named(entry)}${needs.length > 0 ? ` needs ${needs.join(' and ')}` : ''}`
}

function signInLine(entry: ConfiguredComponent, provider: AuthProvider | undefined): string {
  return provider === undefined ? named(entry) : `${named(entry)} at ${provider.host}, as ${provider.clientId}`
}

/** Entries that nothing names, as far as that can be told before a tool is called. */
function unused({ functions, authentication, general }: ServerConfig, tools: readonly Tool[]): readonly string[] {
  const called = new Set(tools.map(({ name }) => name))
  const idle = [...functions.keys()].filter((name) => !called.has(name))
  if (tools.some(({ auth }) => typeof auth === 'function')) return idle
  const providers = new Set(tools.map(({ auth }) => (typeof auth === 'object' ? auth.provider : undefined)))
  providers.add(general.front_end.sign_in?.provider)
  return [...idle, ...[...authentication.keys()].filter((name) => !providers.has(name))]
}

function addressOf({ general }: ServerConfig): string {
  const { front_end: frontEnd } = general
  return frontEnd.port === 0 && frontEnd.public_url === undefined ? 'a free port' : publicOriginOf(frontEnd, frontEnd.port)
}

/** Names in a column, what belongs to each beside it; what has nothing is left out. */
function rows(groups: readonly (readonly [name: string, lines: readonly string[]])[]): string {
  const width = Math.max(...groups.map(([name]) => name.length))
  return groups.flatMap(([name, lines]) => lines.map((line, at) => `  ${(at === 0 ? name : '').padEnd(width)}  ${line}`)).join('\n')
}
