import {
  Consents,
  CountersignError,
  DEFAULT_RUN_LIMITS,
  Runs,
  type Store,
  TokenVault,
  type Workflow,
  createSealer,
} from '@countersign/core'
import { nodeRuntime, openSqliteStore, pinoLog } from '@countersign/server'

/** The server's own modules, as built: it has no option yet for a workflow that no configuration can name. */
const [{ createApp }, { listen }, { createSocketServer }, { Sessions }, { Cookies }, { startScheduler }] = await Promise.all([
  import(built('app')) as Promise<typeof import('../../../packages/server/src/app.ts')>,
  import(built('listen')) as Promise<typeof import('../../../packages/server/src/listen.ts')>,
  import(built('transports/websocket')) as Promise<typeof import('../../../packages/server/src/transports/websocket.ts')>,
  import(built('identity/sessions')) as Promise<typeof import('../../../packages/server/src/identity/sessions.ts')>,
  import(built('identity/cookies')) as Promise<typeof import('../../../packages/server/src/identity/cookies.ts')>,
  import(built('scheduler/scheduler')) as Promise<typeof import('../../../packages/server/src/scheduler/scheduler.ts')>,
])

/** A running server. */
export interface BenchServer {
  readonly address: string
  readonly store: Store
}

/** The workflow server's store, app, sockets and scheduler, on a workflow made in code; everything durable, as by default. */
export async function startBenchServer(workflow: Workflow, file: string): Promise<BenchServer> {
  const runtime = nodeRuntime(pinoLog('error'))
  const store = await openSqliteStore({ file, runtime })
  const listening = await listen({ host: '127.0.0.1', port: 0 }, createSocketServer())
  const publicOrigin = `http://127.0.0.1:${listening.port}`
  const key = { id: 'bench', bytes: runtime.randomBytes(32) as Uint8Array<ArrayBuffer> }
  const sealer = createSealer([key], runtime)
  const vault = new TokenVault({ store, runtime, sealer })
  const shared = { store, runtime, sealer, vault, owner: runtime.id(), redirectUri: `${publicOrigin}/auth/redirect` }
  const runs = new Runs({
    ...shared,
    workflow: () => workflow,
    startUrl: (id) => `${publicOrigin}/auth/start/${id}`,
    limits: DEFAULT_RUN_LIMITS,
  })
  const consents = new Consents({
    ...shared,
    provider: (name) => {
      throw new CountersignError('unknown_type', `there is no auth provider "${name}" here`)
    },
    exchangeDeadlineMs: DEFAULT_RUN_LIMITS.exchangeDeadlineMs,
  })
  startScheduler(runs, runtime)
  const agent = { llm_name: 'bench', tool_names: [], max_history: workflow.maxHistory, max_tool_calls: 15, examples: [] }
  const sessions = new Sessions({ store, runtime, keys: [key] })
  const rest = { cookies: new Cookies(publicOrigin), allowedOrigins: [], isDraining: () => false }
  const app = createApp(
    { store, runtime, runs, consents, sessions, built: { workflow, agent, providers: new Map() }, publicOrigin, ...rest },
    { callback: '/auth/redirect', websocket: '/websocket' },
  )
  listening.open(app)
  return { address: publicOrigin, store }
}

function built(module: string): string {
  return new URL(`../../../packages/server/dist/${module}.js`, import.meta.url).href
}
