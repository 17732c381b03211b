import { join } from 'node:path'
import {
  Consents,
  CountersignError,
  DEFAULT_RUN_LIMITS,
  type Log,
  type RunLimits,
  Runs,
  type Store,
  TokenVault,
  createSealer,
  providerOf,
} from '@countersign/core'
import type { DrainingMessage } from '@countersign/core/protocol'
import { createApp } from './app.ts'
import { build } from './config/build.ts'
import type { Config } from './config/load-config.ts'
import { databaseFile, stateFolder } from './config/state-files.ts'
import { Cookies } from './identity/cookies.ts'
import { Sessions } from './identity/sessions.ts'
import { loadKeyRing } from './keys/key-ring.ts'
import { type Listening, listen, originHost } from './listen.ts'
import type { RouteDeps } from './routes/route-deps.ts'
import { nodeRuntime } from './runtime/node-runtime.ts'
import { startScheduler } from './scheduler/scheduler.ts'
import { openSqliteStore } from './store/sqlite-store.ts'
import { createSocketServer, SUBPROTOCOL } from './transports/websocket.ts'

/** How long running work may take to end when the server stops, milliseconds. */
const DRAIN_MS = 8_000

/** A running server. */
export interface CountersignServer {
  /** Where people's browsers find it. */
  readonly publicOrigin: string
  readonly port: number
  /** The store behind it, for counters. */
  readonly store: Store
  /** Takes nothing new, tells its clients, lets running work end or be taken over, and closes. */
  stop(): Promise<void>
}

export interface ServeOptions {
  readonly log: Log
  readonly limits?: Partial<RunLimits>
}

/**
 * Starts the workflow server of a configuration.
 * @throws CountersignError `invalid_config` when the port is taken, or the database or key file cannot be used
 */
export async function serve(config: Config, { log, limits }: ServeOptions): Promise<CountersignServer> {
  const runtime = nodeRuntime(log)
  const { front_end: frontEnd } = config.general
  const keys = loadKeyRing(join(stateFolder(config), 'keys.json'), runtime)
  const store = await openSqliteStore({ file: databaseFile(config), runtime })
  const sockets = createSocketServer()
  const listening: Listening = await listen(frontEnd, sockets).catch(async (error: unknown) => {
    await store.close()
    throw error
  })
  const { port } = listening
  const publicOrigin = new URL(frontEnd.public_url ?? `http://${originHost(frontEnd.host)}:${port}`).origin
  const paths = { callback: frontEnd.oauth2_callback_path ?? '/auth/redirect', websocket: frontEnd.workflow.websocket_path ?? '/websocket' }
  const redirectUri = `${publicOrigin}${paths.callback}`
  const built = await build(config, runtime)
  const sealer = createSealer(keys.vault, runtime)
  const vault = new TokenVault({ store, runtime, sealer })
  const allLimits = { ...DEFAULT_RUN_LIMITS, ...limits }
  const shared = { store, runtime, sealer, vault, owner: runtime.id(), redirectUri }
  const runs = new Runs({
    ...shared,
    workflow: (name) => {
      if (name !== built.workflow.name) throw new CountersignError('not_found', `there is no workflow "${name}"`)
      return built.workflow
    },
    startUrl: (id) => `${publicOrigin}/auth/start/${id}`,
    limits: allLimits,
  })
  const consents = new Consents({
    ...shared,
    provider: (name) => providerOf(built.providers, name),
    exchangeDeadlineMs: allLimits.exchangeDeadlineMs,
  })
  let isDraining = false
  const deps: RouteDeps = {
    store,
    runtime,
    runs,
    consents,
    built,
    publicOrigin,
    sessions: new Sessions({ store, runtime, keys: keys.session }),
    cookies: new Cookies(publicOrigin),
    allowedOrigins: frontEnd.cors.allow_origins,
    isDraining: () => isDraining,
  }
  // The database file is locked by this process: whatever another one held, it holds no more.
  await runs.releaseAll()
  const stopScheduler = startScheduler(runs, runtime)
  listening.open(createApp(deps, paths))
  return {
    publicOrigin,
    port,
    store,
    async stop() {
      isDraining = true
      for (const socket of sockets.clients) {
        if (socket.protocol === SUBPROTOCOL) socket.send(JSON.stringify({ type: 'draining_message' } satisfies DrainingMessage))
        socket.close(1012, 'the server restarts')
      }
      stopScheduler()
      listening.refuse()
      await runs.stop(DRAIN_MS)
      for (const socket of sockets.clients) socket.terminate()
      listening.close()
      await store.close()
    },
  }
}
