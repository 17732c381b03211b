import type { Rows } from '../store/rows.ts'
import type { Store } from '../store/store.ts'

/** Four rows numbered 1 to 4. */
export function fill(store: Store): Promise<void> {
  return store.transact('fill', (transaction) =>
    transaction.insert('streams', stream('a', 1), stream('b', 2), stream('c', 3), stream('d', 4)),
  )
}

/** All streams by their id. */
export function all(store: Store): Promise<readonly Rows['streams'][]> {
  return store.transact('read all', (transaction) => transaction.find('streams', {}, { orderBy: 'id' }))
}

/** What a promise gives, or what it was rejected with. */
export function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => error)
}

/** A row with a key and two plain columns. */
export function stream(id: string, number = 0, head = 'h'): Rows['streams'] {
  return { id, number, head }
}

/** A row with a unique column and one that may be null. */
export function receipt(id: string): Rows['receipts'] {
  return { id, callId: `call ${id}`, digest: 'd', approvedBy: 'ada', approvedAt: 1, usedAt: null }
}

/** A row whose unique columns may be null. */
export function authorization(id: string, stateDigest: string | null = null): Rows['authorizations'] {
  const owned = { conversationId: 'c', runId: 'r', callId: 'k', interactionId: null, principalId: 'ada', provider: 'p', vaultKey: 'v' }
  const flow = {
    sealedState: null,
    stateDigest,
    flowDigest: null,
    owner: null,
    exchangeUntil: 0,
    failureCode: null,
    failureReason: null,
    again: null,
    pollAt: null,
    pingDigest: null,
    personDigest: null,
    sameDigest: null,
    leaderId: null,
  }
  return { id, ...owned, ...flow, requirement: {}, state: 'requested', createdAt: 1, expiresAt: 2 }
}
