import type { EventRow, Rows, TableName } from './rows.ts'

/** A test on a column that is more than equality. */
export type Test<V> =
  /** Of text by code units, or by bytes of UTF-8: as it is ordered. */
  | { readonly above: Extract<V, string | number> }
  | { readonly atMost: number }
  | { readonly oneOf: readonly Extract<V, string | number>[] }
  | { readonly not: Extract<V, string | number> }

/** Which rows: every column named must be equal (null equals null here), or pass its test. JSON columns cannot be asked. */
export type Where<T extends TableName> = { readonly [C in keyof Rows[T]]?: Extract<Rows[T][C], string | number | null> | Test<Rows[T][C]> }

/** What becomes of a row: new values, or a number to add. */
export type Change<T extends TableName> = {
  readonly [C in keyof Rows[T]]?: Rows[T][C] | (Rows[T][C] extends number ? { readonly add: number } : never)
}

export interface FindOptions<T extends TableName> {
  readonly orderBy?: Extract<keyof Rows[T], string>
  readonly descending?: boolean
  readonly limit?: number
  /** Rows that another unit holds are passed over, and those found are held until this unit ends: who takes work takes what nobody else takes. */
  readonly skipLocked?: boolean
}

/** What other parts of the house listen to: the ids of runs that may go on, of conversations that grew, and of sessions that are over. */
export type Channel = 'run' | 'conversation' | 'session'

/** Is told the id, and what was appended where the notifier brought it along; another process never does, so it is only ever a shortcut. */
export type Listener = (id: string, appended?: readonly EventRow[]) => void

/**
 * One transaction. A unit awaits nothing but these verbs: no network, no timer, no other transaction. A unit may be run again, so it
 * has no other effect; what it wants done it hands to `after` and `notify`. A verb that throws undoes the unit, whether the unit minds or not.
 */
export interface Transaction {
  /** The database's clock, epoch milliseconds: leases are measured with it. */
  readonly now: number
  /**
   * Until it ends this unit is the only one that has locked this id. Every unit that changes a conversation, its runs, questions or sign-ins locks
   * the conversation first, several in the order of their ids; what was read before may be stale. Who gives a session something to own locks the
   * session, who puts a credential into the vault its key. Where units run one after another it costs nothing.
   */
  lock(id: string): Promise<void>
  /** @throws CountersignError `conflict` when a key or unique value is taken */
  insert<T extends TableName>(table: T, ...rows: readonly Rows[T][]): Promise<void>
  get<T extends TableName>(table: T, where: Where<T>): Promise<Rows[T] | undefined>
  find<T extends TableName>(table: T, where: Where<T>, options?: FindOptions<T>): Promise<readonly Rows[T][]>
  /** Compare-and-set: changes the rows that (still) pass `where` and returns how many they were. */
  update<T extends TableName>(table: T, where: Where<T>, change: Change<T>): Promise<number>
  /** Like `update` for at most one row, which is returned as it is afterwards. */
  updateOne<T extends TableName>(table: T, where: Where<T>, change: Change<T>): Promise<Rows[T] | undefined>
  remove<T extends TableName>(table: T, where: Where<T>): Promise<number>
  /** Runs `effect` once this unit is committed. */
  after(effect: () => void): void
  /**
   * Tells the listeners of a channel, once this unit is committed.
   * @param appended the events that the unit gave the conversation: listeners in this process need not read what was just written
   */
  notify(channel: Channel, id: string, appended?: readonly EventRow[]): void
}

/** Counters since the store was opened; a commit that changed nothing does not count. */
export interface StoreStats {
  readonly units: number
  readonly commits: number
  readonly statements: number
}

/** The one port to durable state. */
export interface Store {
  /**
   * Runs a unit of work; all of it is committed when the promise resolves, none of it when it rejects.
   * @param name what the unit does, for logs: `answer`, `claim`
   * @throws whatever the unit throws; CountersignError `storage_unavailable` when the database refuses
   */
  transact<T>(name: string, unit: (transaction: Transaction) => Promise<T>): Promise<T>
  /** Calls `listener` after each commit that notified the channel, or only of one `id` of it. @returns a function that ends it */
  subscribe(channel: Channel, listener: Listener, id?: string): () => void
  stats(): StoreStats
  close(): Promise<void>
}
