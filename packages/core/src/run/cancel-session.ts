import { Ledger } from '../audit/ledger.ts'
import type { RunRow } from '../store/rows.ts'
import type { Transaction } from '../store/store.ts'
import { cancelRun } from './cancel-run.ts'
import type { RunDeps } from './run-deps.ts'

/**
 * Stops whatever a session has under way: its questions end, and its runs end as cancelled. Belongs into the unit that ends the session.
 * @param by whose word it was: a principal's id
 */
export async function cancelSession(transaction: Transaction, deps: RunDeps, session: { id: string; by: string }): Promise<void> {
  const where = { sessionId: session.id, state: { oneOf: ['queued', 'ready', 'waiting'] } } as const
  for (const { conversationId } of await transaction.find('runs', where, { orderBy: 'conversationId' }))
    await transaction.lock(conversationId)
  const runs = await transaction.find('runs', where, { orderBy: 'conversationId' })
  for (const run of runs.filter(({ cancel }) => cancel === null)) {
    const ledger = new Ledger(deps.runtime, run.conversationId)
    if (run.state === 'queued') await dropQueued(transaction, ledger, { deps, run })
    else await cancelRun({ transaction, ledger, deps, run, why: 'requested', by: session.by })
    await ledger.write(transaction)
  }
}

/** A message that never had its turn will have none. */
async function dropQueued(transaction: Transaction, ledger: Ledger, { deps, run }: { deps: RunDeps; run: RunRow }): Promise<void> {
  const dropped = await transaction.update('runs', { id: run.id, state: 'queued' }, { state: 'cancelled', endedAt: deps.runtime.now() })
  if (dropped === 0) return
  ledger.event({ type: 'run-end', runId: run.id, state: 'cancelled', sentence: 'Stopped.' })
  ledger.audit({ type: 'run-end', run: run.id, state: 'cancelled' })
}
