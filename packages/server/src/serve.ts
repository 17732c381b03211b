import { join } from 'node:path'
import type { Log, RunLimits, Runs, Store } from '@countersign/core'
import type { DrainingMessage } from '@countersign/core/protocol'
import type { WebSocketServer } from 'ws'
import { createApp } from './app.ts'
import { compose } from './compose.ts'
import { build } from './config/build.ts'
import type { Config } from './config/load-config.ts'
import { databaseFile, stateFolder } from './config/state-files.ts'
import { loadKeyRing } from './keys/key-ring.ts'
import { type Listening, listen, originHost } from './listen.ts'
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
  const keys = loadKeyRing(join(stateFolder(config), 'keys.json'), runtime)
  const store = await openSqliteStore({ file: databaseFile(config), runtime })
  const sockets = createSocketServer()
  let listening: Listening | undefined
  let isDraining = false
  try {
    const { front_end: frontEnd } = config.general
    listening = await listen(frontEnd, sockets)
    const { port } = listening
    const publicOrigin = new URL(frontEnd.public_url ?? `http://${originHost(frontEnd.host)}:${port}`).origin
    const built = await build(config, runtime)
    const { deps, paths } = compose({ config, built, keys, store, runtime, publicOrigin, limits, isDraining: () => isDraining })
    const app = createApp(deps, paths)
    // The database file is locked by this process: whatever another one held, it holds no more.
    await deps.runs.releaseAll()
    const stopScheduler = startScheduler(deps.runs, runtime)
    listening.open(app)
    const parts = { listening, sockets, runs: deps.runs, store, stopScheduler }
    const stop = (): Promise<void> => {
      isDraining = true
      return drain(parts)
    }
    return { publicOrigin, port, store, stop }
  } catch (error) {
    listening?.refuse()
    await store.close()
    throw error
  }
}

interface Running {
  readonly listening: Listening
  readonly sockets: WebSocketServer
  readonly runs: Runs
  readonly store: Store
  readonly stopScheduler: () => Promise<void>
}

/** Nothing new comes in, clients are told to come back, what runs may end, and the store closes last. */
async function drain({ listening, sockets, runs, store, stopScheduler }: Running): Promise<void> {
  const lastLook = stopScheduler()
  for (const socket of sockets.clients) {
    if (socket.protocol === SUBPROTOCOL) socket.send(JSON.stringify({ type: 'draining_message' } satisfies DrainingMessage))
    socket.close(1012, 'the server restarts')
  }
  listening.refuse()
  await Promise.all([lastLook, runs.stop(DRAIN_MS)])
  for (const socket of sockets.clients) socket.terminate()
  listening.close()
  await store.close()
}
