import type { Store, Transaction } from '../store/store.ts'

/** A rule of the fold, taken away: shows that the tests notice. */
export type Sabotage = 'lease' | 'fence' | 'wake' | 'lock'

/** The store with one rule of the fold removed from every statement. */
export function sabotaged(store: Store, rule: Sabotage): Store {
  return around(store, (transaction) => ({
    ...verbs(transaction),
    lock: async (id) => (rule === 'lock' ? undefined : transaction.lock(id)),
    update: (table, where, change) => transaction.update(table, without(where, rule, change), change),
    updateOne: (table, where, change) => transaction.updateOne(table, without(where, rule, change), change),
  }))
}

/** A process's own door to a store: what happens at each of its transactions is the test's to decide. */
export function doorTo(store: Store, pass: (name: string, commit: () => Promise<unknown>) => Promise<unknown>): Store {
  return {
    ...around(store, (transaction) => transaction),
    // The door hands back what the commit gave.
    transact: (name, unit) => pass(name, () => store.transact(name, unit)) as ReturnType<typeof unit>,
  }
}

function around(store: Store, wrap: (transaction: Transaction) => Transaction): Store {
  return {
    transact: (name, unit) => store.transact(name, (transaction) => unit(wrap(transaction))),
    subscribe: (channel, listener, id) => store.subscribe(channel, listener, id),
    stats: () => store.stats(),
    close: () => store.close(),
  }
}

function verbs(transaction: Transaction): Transaction {
  return {
    now: transaction.now,
    lock: (id) => transaction.lock(id),
    insert: (table, ...rows) => transaction.insert(table, ...rows),
    get: (table, where) => transaction.get(table, where),
    find: (table, where, options) => transaction.find(table, where, options),
    update: (table, where, change) => transaction.update(table, where, change),
    updateOne: (table, where, change) => transaction.updateOne(table, where, change),
    remove: (table, where) => transaction.remove(table, where),
    after: (effect) => transaction.after(effect),
    notify: (...what) => transaction.notify(...what),
  }
}

function without<W extends object>(where: W, rule: Sabotage, change: object): W {
  const columns = { lease: ['lease'], fence: ['owner', 'fence'], wake: ['wake'], lock: [] as string[] }[rule]
  // A claim without its lease condition must still be a claim: it names the state.
  if (rule === 'lease' && !('fence' in change)) return where
  return Object.fromEntries(Object.entries(where).filter(([column]) => !columns.includes(column))) as W
}
