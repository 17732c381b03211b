import { CountersignError } from '../errors.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { Bus } from './bus.ts'
import { Effects } from './effects.ts'
import type { PlainRow } from './match.ts'
import { MemoryTable } from './memory-table.ts'
import type { EventRow, Rows, TableName } from './rows.ts'
import type { Change, Channel, FindOptions, Listener, Store, StoreStats, Transaction, Where } from './store.ts'
import { tables } from './tables.ts'

/** A store that lives as long as its process: units run one after another, a failed one is undone. */
export function memoryStore(runtime: Pick<Runtime, 'now'>): Store {
  return new MemoryStore(runtime)
}

class MemoryStore implements Store {
  readonly #runtime: Pick<Runtime, 'now'>
  readonly #bus = new Bus()
  readonly #tables = new Map<string, MemoryTable>(Object.entries(tables).map(([name, table]) => [name, new MemoryTable(name, table)]))
  #tail: Promise<unknown> = Promise.resolve()
  #closed = false
  #stats: StoreStats = { units: 0, commits: 0, statements: 0 }

  constructor(runtime: Pick<Runtime, 'now'>) {
    this.#runtime = runtime
  }

  transact<T>(name: string, unit: (transaction: Transaction) => Promise<T>): Promise<T> {
    const result = this.#tail.then(() => this.#run(name, unit))
    this.#tail = result.catch(() => undefined)
    return result
  }

  subscribe(channel: Channel, listener: Listener, id?: string): () => void {
    return this.#bus.subscribe(channel, listener, id)
  }

  stats(): StoreStats {
    return this.#stats
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#tail
  }

  async #run<T>(name: string, unit: (transaction: Transaction) => Promise<T>): Promise<T> {
    if (this.#closed) throw new CountersignError('storage_unavailable', `the store is closed; "${name}" was not done`)
    const transaction = new MemoryTransaction(this.#tables, this.#runtime.now())
    const value = await this.#undoable(transaction, unit)
    const { commits, units, statements } = this.#stats
    this.#stats = {
      units: units + 1,
      commits: commits + (transaction.undo.length > 0 ? 1 : 0),
      statements: statements + transaction.statements,
    }
    transaction.effects.run(this.#bus)
    return value
  }

  /** A unit that did not mind a verb that failed has done nothing all the same. */
  async #undoable<T>(transaction: MemoryTransaction, unit: (transaction: Transaction) => Promise<T>): Promise<T> {
    try {
      const value = await unit(transaction)
      if (transaction.failure) throw transaction.failure
      return value
    } catch (error) {
      for (const undo of transaction.undo.toReversed()) undo()
      throw error
    } finally {
      transaction.end()
    }
  }
}

class MemoryTransaction implements Transaction {
  readonly now: number
  readonly effects = new Effects()
  readonly undo: (() => void)[] = []
  statements = 0
  /** What the first verb that failed has thrown. */
  failure: Error | undefined
  readonly #tables: ReadonlyMap<string, MemoryTable>
  #ended = false

  constructor(all: ReadonlyMap<string, MemoryTable>, now: number) {
    this.#tables = all
    this.now = now
  }

  /** Units run one after another, so each has everything to itself. */
  async lock(): Promise<void> {}

  async insert<T extends TableName>(table: T, ...rows: readonly Rows[T][]): Promise<void> {
    const target = this.#table(table)
    for (const row of rows) this.undo.push(this.#try(() => target.insert(plain(row))))
  }

  async get<T extends TableName>(table: T, where: Where<T>): Promise<Rows[T] | undefined> {
    return this.#found(table, where)[0]
  }

  async find<T extends TableName>(table: T, where: Where<T>, options: FindOptions<T> = {}): Promise<readonly Rows[T][]> {
    const { orderBy, descending, limit } = options
    const found = this.#found(table, where)
    if (orderBy) found.sort((left, right) => compare(left[orderBy], right[orderBy]) * (descending ? -1 : 1))
    return limit === undefined ? found : found.slice(0, limit)
  }

  async update<T extends TableName>(table: T, where: Where<T>, change: Change<T>): Promise<number> {
    const target = this.#table(table)
    const found = target.find(where)
    for (const row of found) this.undo.push(this.#try(() => target.change(row, change)).undo)
    return found.length
  }

  async updateOne<T extends TableName>(table: T, where: Where<T>, change: Change<T>): Promise<Rows[T] | undefined> {
    const target = this.#table(table)
    const row = target.find(where)[0]
    if (!row) return undefined
    const done = this.#try(() => target.change(row, change))
    this.undo.push(done.undo)
    return typed<T>(done.row)
  }

  async remove<T extends TableName>(table: T, where: Where<T>): Promise<number> {
    const target = this.#table(table)
    const found = target.find(where)
    for (const row of found) this.undo.push(target.remove(row))
    return found.length
  }

  after(effect: () => void): void {
    this.effects.add(effect)
  }

  notify(channel: Channel, id: string, appended?: readonly EventRow[]): void {
    this.effects.notify(channel, id, appended)
  }

  end(): void {
    this.#ended = true
  }

  #try<V>(write: () => V): V {
    try {
      return write()
    } catch (error) {
      if (error instanceof Error) this.failure ??= error
      throw error
    }
  }

  #found<T extends TableName>(table: T, where: Where<T>): Rows[T][] {
    return this.#table(table)
      .find(where)
      .map((row) => typed<T>(row))
  }

  #table(name: TableName): MemoryTable {
    if (this.#ended) throw new CountersignError('storage_unavailable', 'this transaction has ended: a unit may use it only while it runs')
    this.statements += 1
    const table = this.#tables.get(name)
    if (!table) throw new CountersignError('not_found', `no table "${name}"`)
    return table
  }
}

/** Rows are stored without their types; the table's name gives the type back. */
function typed<T extends TableName>(row: PlainRow): Rows[T] {
  return structuredClone(row) as unknown as Rows[T]
}

function plain(row: Rows[TableName]): PlainRow {
  return row as unknown as PlainRow
}

/** Null first; numbers by size, text by code units. JSON columns have no order. */
function compare(left: unknown, right: unknown): number {
  if (left === null || right === null) return left === right ? 0 : left === null ? -1 : 1
  if (typeof left === 'number' && typeof right === 'number') return left - right
  if (typeof left !== 'string' || typeof right !== 'string') return 0
  return left < right ? -1 : left > right ? 1 : 0
}
