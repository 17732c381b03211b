import type { Transaction } from '../store/store.ts'

/** What ends a wait does this in its own unit: whoever read the run before knows too little, and a parked run is ready again. */
export async function wakeRun(transaction: Transaction, runId: string): Promise<void> {
  const ready = await transaction.update('runs', { id: runId, state: 'waiting' }, { state: 'ready', wake: { add: 1 } })
  if (ready === 0) await transaction.update('runs', { id: runId, state: 'ready' }, { wake: { add: 1 } })
  transaction.notify('run', runId)
}
