import type { Rows, Store, Transaction } from '@countersign/core'

/** How long after its end a turn may not have reached a client that was cut off, milliseconds: such clients come back within seconds. */
const RECENT_MS = 60_000
/** How far back its beginning is looked for, events. */
const MAX_EVENTS = 1_000
/** How many events may have come in one millisecond. */
const MAX_ALIKE = 50

/**
 * Where to begin for a client of which nobody here knows where it left off: perhaps another server does, or one that is gone. With a turn under way it
 * is told the rest; one that has just ended it is told again, for twice is better than never.
 * @returns the seq before the turn, or undefined when no turn has just ended
 */
export function beforeLastTurn(
  store: Pick<Store, 'transact'>,
  { id: conversationId, seq }: Pick<Rows['conversations'], 'id' | 'seq'>,
  now: number,
): Promise<number | undefined> {
  return store.transact('last-turn', async (transaction) => {
    const run = await newestEnded(transaction, conversationId, now - RECENT_MS)
    if (!run) return undefined
    const since = { conversationId, seq: { above: seq - MAX_EVENTS }, at: { above: run.createdAt - 1 } }
    const rows = await transaction.find('events', since, { orderBy: 'seq', limit: MAX_ALIKE })
    // What came in the same millisecond may be of the turn before.
    const start = rows.find(({ event }) => event.type === 'run-start' && event.runId === run.id) ?? rows[0]
    return start && start.seq - 1
  })
}

/** The newest run, if it ended after that time. */
async function newestEnded(transaction: Transaction, conversationId: string, after: number): Promise<Rows['runs'] | undefined> {
  const [newest] = await transaction.find('runs', { conversationId }, { orderBy: 'createdAt', descending: true, limit: 1 })
  return newest && newest.endedAt !== null && newest.endedAt > after ? newest : undefined
}
