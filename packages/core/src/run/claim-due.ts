import type { RunRow } from '../store/rows.ts'
import type { RunDeps } from './run-deps.ts'

/** How many runs one look takes: the next look is a second away. */
const BATCH = 100

/** No clock gives a lease that ends later than this, milliseconds from now: it was set back meanwhile, by more than that. */
const FAR_MS = 60_000

/** A run whose lease is this process's own, though nobody holds it yet. */
export type ClaimedRun = Pick<RunRow, 'id' | 'conversationId' | 'owner' | 'fence'>

/**
 * Claims runs that are ready and nobody's. Of several processes that look at once each gets others, and none waits for another.
 * @param isHeld whether this process holds a run: it has not lost it, its own renewal is only late
 */
export function claimDue({ store, owner, limits }: RunDeps, isHeld: (runId: string) => boolean): Promise<readonly ClaimedRun[]> {
  return store.transact('claim-due', async (transaction) => {
    const { now } = transaction
    const claimed: ClaimedRun[] = []
    for (const over of [{ atMost: now }, { above: now + limits.leaseMs + FAR_MS }]) {
      const nobodys = { state: 'ready', lease: over } as const
      const due = await transaction.find('runs', nobodys, { limit: BATCH, skipLocked: true })
      const free = due.filter(({ id }) => !isHeld(id))
      if (free.length === 0) continue
      const ids = free.map(({ id }) => id)
      await transaction.update('runs', { id: { oneOf: ids }, ...nobodys }, { owner, lease: now + limits.leaseMs, fence: { add: 1 } })
      claimed.push(...free.map(({ id, conversationId, fence }) => ({ id, conversationId, owner, fence: fence + 1 })))
    }
    return claimed
  })
}
