import type { Runtime, Store } from '@countersign/core'
import { Hono } from 'hono'
import type { Operation } from '../operation.ts'

/** What readiness is judged by. */
export interface HealthDeps {
  readonly store: Store
  readonly runtime: Pick<Runtime, 'now' | 'timer' | 'log'>
  readonly operation: Pick<Operation, 'isDraining' | 'sinceLookMs'>
}

/** Why the server takes no work. */
type Readiness = 'ready' | 'draining' | 'storage_unavailable' | 'scheduler_stalled'

/** An answer is good for so long, milliseconds: however many ask, the database is asked once a second. */
const FRESH_MS = 1_000
/** A database that takes longer to write one row is not there for anybody. */
const PROBE_MS = 2_000
/** The scheduler looks every second; this long without one, and nothing expires or is taken up any more. */
const STALLED_MS = 10_000

/**
 * `GET /health`: 200 while this process answers at all, in the words of NAT's clients. `GET /health/ready`: 200 while it takes work, else 503 with the reason's
 * code. Both under any host name, and neither tells a stranger more.
 */
export function healthRoute(deps: HealthDeps): Hono {
  const app = new Hono()
  const probe = probeOncePer(FRESH_MS, deps)
  const readiness = async (): Promise<Readiness> => {
    if (deps.operation.isDraining) return 'draining'
    if (!(await probe())) return 'storage_unavailable'
    return deps.operation.sinceLookMs > STALLED_MS ? 'scheduler_stalled' : 'ready'
  }
  let told: Readiness = 'ready'
  app.get('/health', (context) => context.json({ status: 'healthy' }))
  app.get('/health/ready', async (context) => {
    const status = await readiness()
    // Told when it changes, not whenever somebody asks.
    if (status !== told) deps.runtime.log[status === 'ready' ? 'info' : 'warn']('readiness changed', { status })
    told = status
    return context.json({ status }, status === 'ready' ? 200 : 503)
  })
  return app
}

/** Whether the database takes a commit, as it was found within the last `freshMs`. */
function probeOncePer(freshMs: number, { store, runtime }: HealthDeps): () => Promise<boolean> {
  let known: { readonly at: number; readonly isWritable: Promise<boolean> } | undefined
  return () => {
    // A clock that was set back is no reason to believe an old answer.
    if (!known || Math.abs(runtime.now() - known.at) >= freshMs) known = { at: runtime.now(), isWritable: isWritable(store, runtime) }
    return known.isWritable
  }
}

/** Writes a row and takes it back in one commit: a full or read-only disk refuses even that, and nothing is left behind. */
function isWritable(store: Store, runtime: HealthDeps['runtime']): Promise<boolean> {
  const probe = store.transact('health', async (transaction) => {
    await transaction.insert('streams', { id: PROBE, number: 0, head: '' })
    await transaction.remove('streams', { id: PROBE })
  })
  return new Promise((resolve) => {
    const stop = runtime.timer(PROBE_MS, () => resolve(false))
    const end = (isDone: boolean): void => {
      stop()
      resolve(isDone)
    }
    probe.then(
      () => end(true),
      () => end(false),
    )
  })
}

const PROBE = 'health-probe'
