import type { Log, RunLimits, Store } from '@countersign/core'
import { createApp } from './app.ts'
import { compose } from './compose.ts'
import { build, type ServerConfig } from './config/build.ts'
import { publicOriginOf } from './config/public-origin.ts'
import { databaseFile, keyFile } from './config/state-files.ts'
import { drain } from './drain.ts'
import { openKeyRing } from './keys/key-ring.ts'
import { type Listening, listen } from './listen.ts'
import type { RouteDeps } from './routes/route-deps.ts'
import { nodeRuntime } from './runtime/node-runtime.ts'
import { startScheduler } from './scheduler/scheduler.ts'
import { openSqliteStore } from './store/sqlite-store.ts'
import { createSocketServer } from './transports/websocket.ts'

/** A running server. */
export interface CountersignServer {
  /** Where people's browsers find it. */
  readonly publicOrigin: string
  readonly port: number
  /** The store behind it, for counters. */
  readonly store: Store
  /** Takes nothing new, tells its clients, lets running work end or be taken over, and closes. Done once, however often it is called. */
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
export async function serve(config: ServerConfig, { log, limits }: ServeOptions): Promise<CountersignServer> {
  const runtime = nodeRuntime(log)
  const keys = openKeyRing(keyFile(config), runtime)
  const store = await openSqliteStore({ file: databaseFile(config), runtime })
  const sockets = createSocketServer(config.general.front_end.limits)
  let listening: Listening | undefined
  try {
    const { front_end: frontEnd } = config.general
    listening = await listen(frontEnd, { sockets, limits: frontEnd.limits, runtime })
    const { port } = listening
    const publicOrigin = publicOriginOf(frontEnd, port)
    const built = build(config, runtime)
    const { deps, paths } = compose({ config, built, keys, store, runtime, publicOrigin, limits })
    const app = createApp(deps, paths)
    // The database file is locked by this process: whatever another one held, it holds no more.
    await deps.runs.releaseAll()
    const stopScheduler = startScheduler(dueWork(deps), runtime, () => deps.operation.noteLook())
    listening.open(app)
    log.info('listening', {
      origin: publicOrigin,
      address: `${frontEnd.host}:${port}`,
      workflow: built.workflow.name,
      file: databaseFile(config),
    })
    const running = { runtime, operation: deps.operation, listening, sockets, runs: deps.runs, store, stopScheduler }
    let stopped: Promise<void> | undefined
    const stop = (): Promise<void> => (stopped ??= drain(running))
    return { publicOrigin, port, store, stop }
  } catch (error) {
    void listening?.refuse()
    await store.close()
    throw error
  }
}

/** What is looked after every second: runs and their questions, and sessions that nobody uses any more. */
function dueWork({ runs, accounts }: Pick<RouteDeps, 'runs' | 'accounts'>): { tick(): Promise<void> } {
  return {
    async tick() {
      await runs.tick()
      await accounts.endUnused()
    },
  }
}
