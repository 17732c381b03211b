import { BoundedLogs, type Log, type RunLimits, type Store } from '@countersign/core'
import { createApp } from './app.ts'
import { auditSigner } from './audit/audit-signer.ts'
import { InstanceAudit } from './audit/instance-audit.ts'
import { compose } from './compose.ts'
import { build, type ServerConfig } from './config/build.ts'
import { publicOriginOf } from './config/public-origin.ts'
import { databaseName, databasePlace, keyPlace } from './config/state-files.ts'
import { drain } from './drain.ts'
import type { ServedFront } from './front.ts'
import { openKeyRing } from './keys/key-ring.ts'
import { areKeysNew, requireSharedKeys, warnOfNewKeys } from './keys/shared-keys.ts'
import { type Listening, listen } from './listen.ts'
import type { RouteDeps } from './routes/route-deps.ts'
import { nodeRuntime } from './runtime/node-runtime.ts'
import { startScheduler } from './scheduler/scheduler.ts'
import { openStore } from './store/open-store.ts'
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
  /** How often what is due is looked for, milliseconds. Default: 1,000. */
  readonly lookEveryMs?: number
  /** Default: the chat, with the door for programs where the configuration opens it. */
  readonly front?: ServedFront
}

/**
 * Starts the workflow server of a configuration.
 * @throws CountersignError `invalid_config` when the port is taken, or the database or key file cannot be used
 */
export async function serve(config: ServerConfig, { log, limits, lookEveryMs: everyMs, front }: ServeOptions): Promise<CountersignServer> {
  const runtime = nodeRuntime(log)
  const place = databasePlace(config)
  const isShared = place.kind === 'postgres'
  const keysFrom = keyPlace(config)
  if (isShared && areKeysNew(keysFrom)) warnOfNewKeys(keysFrom, log)
  const keys = openKeyRing(keysFrom, runtime)
  const store = await openStore(config, runtime)
  const sockets = createSocketServer(config.general.front_end.limits)
  let listening: Listening | undefined
  try {
    const { front_end: frontEnd } = config.general
    if (isShared) await requireSharedKeys(store, keys.vault)
    listening = await listen(frontEnd, { sockets, limits: frontEnd.limits, runtime })
    const { port } = listening
    const publicOrigin = publicOriginOf(frontEnd, port)
    const built = build(config, runtime)
    const { deps, paths } = compose({ config, built, keys, store, runtime, publicOrigin, limits })
    const app = createApp(deps, paths, front)
    // The database file is locked by this process: whatever another one held, it holds no more. In a shared database others may hold it.
    if (!isShared) await deps.runs.releaseAll()
    const audit = new InstanceAudit({ store, runtime, keys, signer: auditSigner(keys.audit) })
    const stopScheduler = startScheduler(dueWork(deps, audit), runtime, { everyMs, looked: () => deps.operation.noteLook() })
    listening.open(app)
    log.info('listening', {
      origin: publicOrigin,
      address: `${frontEnd.host}:${port}`,
      workflow: built.workflow.name,
      file: databaseName(place),
    })
    const running = { runtime, operation: deps.operation, listening, sockets, runs: deps.runs, audit, store, stopScheduler }
    let stopped: Promise<void> | undefined
    const stop = (): Promise<void> => (stopped ??= drain(running))
    return { publicOrigin, port, store, stop }
  } catch (error) {
    void listening?.refuse()
    await store.close()
    throw error
  }
}

/** What is looked after, usually every second: runs and their questions, sessions that nobody uses any more, logs that have grown, and what is to be signed. */
function dueWork({ runs, accounts, store, runtime, limits }: RouteDeps, audit: InstanceAudit): { tick(): Promise<void> } {
  const logs = new BoundedLogs({ store, runtime }, limits.max_log_events)
  return {
    async tick() {
      await runs.tick()
      await accounts.endUnused()
      await logs.trim()
      await audit.tick()
    },
  }
}
