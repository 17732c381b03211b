import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Log } from '@countersign/core'
import { DEMO_CLIENTS, type DemoProvider, startDemoProvider } from '@countersign/demo-provider'
import { type CountersignServer, loadConfig, serve, serverSchema } from '@countersign/server'
import { openProxy } from '../../examples/two_instances/src/proxy.ts'
import { freePort } from '../../tools/free-port.mjs'
import { createDatabase } from '../../tools/postgres-cluster.mjs'
import { type Effects, obedientParts } from '../hostile/obedient-parts.ts'
import { literalParts } from './literal-parts.ts'

export type InstanceName = 'A' | 'B' | 'C'

/** Three servers on one database behind a proxy that leads where a test says. */
export interface Instances {
  /** The proxy: what browsers know. */
  readonly origin: string
  readonly provider: DemoProvider
  /** What the tools did, wherever they ran. */
  readonly effects: Effects
  /** Which servers brought a run to its end so far. */
  readonly endedRuns: readonly InstanceName[]
  /** From now on every request and socket goes there; sockets that are open stay where they are. */
  leadTo(name: InstanceName): void
  stop(): Promise<void>
}

/** Starts them. Whoever likes may sign in to them, with the demo provider. */
export async function openInstances(): Promise<Instances> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-instances-'))
  const proxyPort = await freePort()
  const origin = `http://localhost:${proxyPort}`
  const provider = await startDemoProvider({ port: 0, redirectUris: [`${origin}/auth/redirect`] })
  const file = writeWorkflow(folder, { origin, issuer: provider.issuer, databaseUrl: await createDatabase() })
  const effects: Effects = []
  const endedRuns: InstanceName[] = []
  const start = async (name: InstanceName): Promise<CountersignServer> => {
    const { config } = await loadConfig({ file, schema: serverSchema([obedientParts(effects), literalParts]), environment: {} })
    return serve(config, { log: watching(() => endedRuns.push(name)) })
  }
  const servers = { A: await start('A'), B: await start('B'), C: await start('C') }
  let leading: InstanceName = 'A'
  const proxy = await openProxy({ port: proxyPort, targets: () => [{ name: leading, port: servers[leading].port }] })
  return {
    origin,
    provider,
    effects,
    endedRuns,
    leadTo(name) {
      leading = name
    },
    async stop() {
      await proxy.stop()
      await Promise.all(Object.values(servers).map((server) => server.stop()))
      await provider.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

interface WorkflowParts {
  readonly origin: string
  readonly issuer: string
  readonly databaseUrl: string
}

function writeWorkflow(folder: string, { origin, issuer, databaseUrl }: WorkflowParts): string {
  const workflow = {
    general: { front_end: { host: 'localhost', port: 0, public_url: origin, sign_in: { provider: 'demo' } } },
    store: { url: databaseUrl },
    functions: {
      pick: { _type: 'pick' },
      dig: { _type: 'dig' },
      who: { _type: 'who_am_i', auth_provider: 'demo', api_url: `${issuer}/api/me` },
    },
    llms: { demo: { _type: 'literal' } },
    authentication: {
      demo: { _type: 'oauth2_auth_code_flow', issuer, client_id: DEMO_CLIENTS.public.clientId, scopes: ['openid', 'profile', 'email'] },
    },
    workflow: { _type: 'tool_calling_agent', tool_names: ['pick', 'dig', 'who'], llm_name: 'demo' },
  }
  const file = join(folder, 'workflow.yml')
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(workflow))
  return file
}

/** A log in which only the ends of runs are looked at. */
function watching(onRunEnd: () => void): Log {
  const silent = (): void => undefined
  return {
    debug: (message, facts) => (message === 'run let go' && facts?.['status'] === 'done' ? onRunEnd() : undefined),
    info: silent,
    warn: silent,
    error: silent,
  }
}
