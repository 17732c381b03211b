import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type Rows, silentLog } from '@countersign/core'
import { type DemoProvider, HEADLESS_CLIENTS, startDemoProvider } from '@countersign/demo-provider'
import { nodeRuntime, openSqliteStore } from '@countersign/server'
import { onTestFinished } from 'vitest'
import { type CommandOptions, PseudoTerminal, piped, type Said } from './pseudo-terminal.ts'

const pluginFile = fileURLToPath(new URL('terminal-plugin.mjs', import.meta.url))

/** A provider, a workflow file, and the command on it in a terminal or between pipes; everything ends with the test. */
export interface TerminalStage {
  readonly provider: DemoProvider
  readonly folder: string
  readonly terminal: (args?: readonly string[], options?: Omit<CommandOptions, 'cwd'>) => PseudoTerminal
  readonly piped: (args: readonly string[], input?: string) => Promise<Said>
  /** The rows of a database that no process holds any more. */
  readonly rows: <Name extends 'runs' | 'interactions' | 'calls' | 'credentials'>(table: Name) => Promise<readonly Rows[Name][]>
}

/** How the workflow of a test differs from the usual one. */
export interface TerminalStageOptions {
  /** How `who_am_i` gets its token; default: by a browser. */
  readonly signIn?: 'browser' | 'device'
  /** Further keys of the phone's entry. */
  readonly phone?: object
}

export async function terminalStage({ signIn = 'browser', phone = {} }: TerminalStageOptions = {}): Promise<TerminalStage> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-terminal-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const provider = await startDemoProvider({ port: 0, pollIntervalSeconds: 0.5 })
  onTestFinished(() => provider.stop())
  const { terminal, ciba } = HEADLESS_CLIENTS
  const { issuer } = provider
  const browserEntry = { _type: 'oauth2_auth_code_flow', issuer, client_id: terminal.clientId, scopes: ['openid', 'profile', 'email'] }
  writeFileSync(join(folder, 'plugin.js'), `export { plugin } from '${pathToFileURL(pluginFile).href}'`)
  const workflow = {
    plugins: ['./plugin.js'],
    functions: {
      who_am_i: { _type: 'who_am_i', auth_provider: 'demo', api_url: `${issuer}/api/me` },
      ...Object.fromEntries(['name', 'delete', 'trick', 'phone'].map((name) => [name, { _type: name }])),
    },
    llms: { main: { _type: 'literal' } },
    authentication: {
      demo: signIn === 'browser' ? browserEntry : { ...browserEntry, _type: 'oauth2_device_code' },
      phone: { _type: 'oidc_ciba', issuer, client_id: ciba.clientId, client_secret: '${CIBA_SECRET}', ...phone },
    },
    workflow: { _type: 'tool_calling_agent', llm_name: 'main', tool_names: ['who_am_i', 'name', 'delete', 'trick', 'phone'] },
  }
  // JSON is YAML.
  writeFileSync(join(folder, 'workflow.yml'), JSON.stringify(workflow))
  const run = ['run', '--config_file', 'workflow.yml']
  const env = { CIBA_SECRET: ciba.clientSecret }
  return {
    provider,
    folder,
    terminal: (args = [], options = {}) => PseudoTerminal.start([...run, ...args], { cwd: folder, env: { ...env, ...options.env } }),
    piped: (args, input = '') => piped([...run, ...args], input, { cwd: folder, env }),
    async rows(table) {
      const store = await openSqliteStore({ file: join(folder, '.countersign', 'terminal.db'), runtime: nodeRuntime(silentLog) })
      try {
        return await store.transact('rows', (transaction) => transaction.find(table, {}))
      } finally {
        await store.close()
      }
    },
  }
}
