import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Log, LogFacts } from '@countersign/core'
import { type CountersignServer, loadConfig, serve, serverSchema } from '@countersign/server'
import { onTestFinished } from 'vitest'
import { freePort } from '../../tools/free-port.mjs'
import { AgentClient } from './agent-client.ts'
import { agentParts, type AgentWorld, newWorld, TOOLS } from './agent-parts.ts'
import { AUDIENCE, SCOPE, startTokenIssuer, type TokenIssuer } from './token-issuer.ts'

/** An agent on a port and a database of its own, and the authorization server whose tokens it takes. Ends with the test. */
export interface AgentStage {
  readonly url: string
  readonly issuer: TokenIssuer
  readonly world: AgentWorld
  /** Every line of the log, whole and at every level. */
  readonly lines: readonly string[]
  /** A client that brings the tokens of this name, or whatever it is told to bring. */
  readonly client: (name?: string, token?: () => string | undefined) => Promise<AgentClient>
  /** What another server needs to be one of the same agent. */
  readonly shared: SharedParts
  /** Stops the server, and starts another on the same database and the same port. */
  readonly restart: () => Promise<void>
}

/** What servers of one agent have in common. */
export interface SharedParts {
  readonly issuer: TokenIssuer
  readonly world: AgentWorld
  readonly databaseUrl: string
  readonly keysFile: string
}

export interface StageOptions {
  /** Default: a SQLite file. */
  readonly databaseUrl?: string
  /** Makes it another server of an agent that is there. */
  readonly beside?: SharedParts
  readonly limits?: Readonly<Record<string, number>>
  /** Members of the `a2a` section; `server_auth: undefined` takes the tokens away. */
  readonly section?: object
}

/** Serves the parts of these tests as an agent. */
export async function agentStage({ databaseUrl, beside, limits = {}, section = {} }: StageOptions = {}): Promise<AgentStage> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign a2a '))
  const shared = beside ?? {
    issuer: await startTokenIssuer(),
    world: newWorld(),
    databaseUrl: databaseUrl ?? `sqlite:${join(folder, 'countersign.db')}`,
    keysFile: join(folder, 'keys.json'),
  }
  const { issuer, world } = shared
  const port = await freePort()
  const server_auth = { issuer_url: issuer.url, audience: AUDIENCE, scopes: [SCOPE] }
  const workflow = {
    general: { front_end: { host: '127.0.0.1', port, limits, a2a: { server_auth, ...section } } },
    store: { url: shared.databaseUrl },
    keys: { file: shared.keysFile },
    functions: Object.fromEntries(TOOLS.map((name) => [name, { _type: name }])),
    llms: { demo: { _type: 'literal' } },
    authentication: { phone: { _type: 'phone' } },
    workflow: { _type: 'tool_calling_agent', title: 'The asked', tool_names: TOOLS, llm_name: 'demo', examples: ['pick'] },
  }
  const file = join(folder, 'workflow.yml')
  writeFileSync(file, JSON.stringify(workflow))
  const lines: string[] = []
  const { config } = await loadConfig({ file, schema: serverSchema([agentParts(world)]), environment: {} })
  const start = (): Promise<CountersignServer> => serve(config, { log: logTo(lines), lookEveryMs: 50, front: 'a2a' })
  let server = await start()
  onTestFinished(async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    issuer,
    world,
    shared,
    lines,
    client: (name = 'client', token = () => issuer.token(name)) => AgentClient.open(url, token),
    async restart() {
      await server.stop()
      server = await start()
    },
  }
}

function logTo(lines: string[]): Log {
  const write = (message: string, facts: LogFacts = {}): void => void lines.push(`${message} ${JSON.stringify(facts)}`)
  return { debug: write, info: write, warn: write, error: write }
}
