import { CountersignError, type Store, type Transaction } from '@countersign/core'

/** How a call of the store fails: a statement is refused, a commit is refused and nothing of it happened, or a commit happened and nobody was told. */
export type StoreFault = 'statement' | 'commit refused' | 'commit unheard'

export const storeFaults: readonly StoreFault[] = ['statement', 'commit refused', 'commit unheard']

/** Where a store fails: the how-manieth of its statements or commits, from 0. */
export interface FaultPoint {
  readonly fault: StoreFault
  readonly index: number
}

/** A way to a store of which one call fails, once. */
export interface FaultyStore {
  readonly store: Store
  /** What was called so far; for an undisturbed story, how many points there are. */
  readonly counts: { statements: number; commits: number }
}

/** @param point none: nothing fails, and the calls are counted */
export function faulty(store: Store, point?: FaultPoint): FaultyStore {
  const counts = { statements: 0, commits: 0 }
  const isAt = (fault: StoreFault, index: number): boolean => point?.fault === fault && point.index === index
  const statement = (): void => {
    if (isAt('statement', counts.statements++)) throw failure('a statement')
  }
  return {
    counts,
    store: {
      subscribe: (...to) => store.subscribe(...to),
      stats: () => store.stats(),
      close: () => store.close(),
      async transact(name, unit) {
        const index = counts.commits++
        const isUnheard = isAt('commit unheard', index)
        const value = await store.transact(name, async (transaction) => {
          const result = await unit({ ...failing(transaction, statement), ...(isUnheard && silent) })
          if (isAt('commit refused', index)) throw failure('a commit')
          return result
        })
        if (isUnheard) throw failure('the answer to a commit')
        return value
      },
    },
  }
}

/** A process that does not know of its commit does not do what was to follow from it, and tells nobody. */
const silent: Pick<Transaction, 'after' | 'notify'> = { after: () => undefined, notify: () => undefined }

/** As a driver says it. */
function failure(what: string): CountersignError {
  return new CountersignError('storage_unavailable', `the database did not take ${what}`)
}

function failing(transaction: Transaction, statement: () => void): Transaction {
  return {
    now: transaction.now,
    lock: async (id) => (statement(), transaction.lock(id)),
    insert: async (table, ...rows) => (statement(), transaction.insert(table, ...rows)),
    get: async (table, where) => (statement(), transaction.get(table, where)),
    find: async (table, where, options) => (statement(), transaction.find(table, where, options)),
    update: async (table, where, change) => (statement(), transaction.update(table, where, change)),
    updateOne: async (table, where, change) => (statement(), transaction.updateOne(table, where, change)),
    remove: async (table, where) => (statement(), transaction.remove(table, where)),
    after: (effect) => transaction.after(effect),
    notify: (channel, id, appended) => transaction.notify(channel, id, appended),
  }
}
