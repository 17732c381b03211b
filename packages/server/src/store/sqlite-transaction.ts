import {
  type Change,
  type Channel,
  CountersignError,
  Effects,
  type FindOptions,
  type Rows,
  type TableName,
  type Transaction,
  type Where,
} from '@countersign/core'
import { type PlainRow, type SqlTable, sqlTable } from './sql-table.ts'
import type { SqliteConnection } from './sqlite-connection.ts'

/** How many rows one INSERT takes: more go into further ones, so that few lengths make few statements. */
const rowsPerInsert = 16

/** The verbs of one unit on the connection. In company it opens its savepoint before its first write. */
export class SqliteTransaction implements Transaction {
  readonly now: number
  readonly effects = new Effects()
  statements = 0
  hasWritten = false
  hasSavepoint = false
  /** What the first verb that failed has thrown. */
  failure: Error | undefined
  readonly #connection: SqliteConnection
  readonly #isAlone: boolean
  #hasEnded = false

  constructor(connection: SqliteConnection, now: number, isAlone: boolean) {
    this.#connection = connection
    this.now = now
    this.#isAlone = isAlone
  }

  /** Units run one after another, so each has everything to itself. */
  async lock(): Promise<void> {}

  async insert<T extends TableName>(table: T, ...rows: readonly Rows[T][]): Promise<void> {
    for (let from = 0; from < rows.length; from += rowsPerInsert) {
      const some = rows.length > rowsPerInsert ? rows.slice(from, from + rowsPerInsert) : rows
      const into = this.#toWrite(table)
      this.#wrote(
        this.#try(() => this.#connection.run({ verb: 'insert', table: into, rows: some as readonly unknown[] as readonly PlainRow[] })),
      )
    }
  }

  async get<T extends TableName>(table: T, where: Where<T>): Promise<Rows[T] | undefined> {
    return typed<T>(this.#connection.first({ verb: 'find', table: this.#use(table), where, limit: 1 }))
  }

  async find<T extends TableName>(table: T, where: Where<T>, options: FindOptions<T> = {}): Promise<readonly Rows[T][]> {
    const rows = this.#connection.all({ verb: 'find', table: this.#use(table), where, ...options })
    return rows as readonly unknown[] as readonly Rows[T][]
  }

  async update<T extends TableName>(table: T, where: Where<T>, change: Change<T>): Promise<number> {
    const target = this.#toWrite(table)
    return this.#wrote(this.#try(() => this.#connection.run({ verb: 'update', table: target, where, change })))
  }

  async updateOne<T extends TableName>(table: T, where: Where<T>, change: Change<T>): Promise<Rows[T] | undefined> {
    const target = this.#toWrite(table)
    const row = this.#try(() => this.#connection.first({ verb: 'updateOne', table: target, where, change }))
    this.#wrote(row ? 1 : 0)
    return typed<T>(row)
  }

  async remove<T extends TableName>(table: T, where: Where<T>): Promise<number> {
    return this.#wrote(this.#connection.run({ verb: 'remove', table: this.#toWrite(table), where }))
  }

  after(effect: () => void): void {
    this.effects.add(effect)
  }

  notify(channel: Channel, id: string, appended?: readonly Rows['events'][]): void {
    this.effects.notify(channel, id, appended)
  }

  end(): void {
    this.#hasEnded = true
  }

  #use(name: TableName): SqlTable {
    if (this.#hasEnded)
      throw new CountersignError('storage_unavailable', 'this transaction has ended: a unit may use it only while it runs')
    // Without this, a unit that caught the refusal would go on outside the transaction that the database has already rolled back.
    if (this.#connection.failure) throw this.#connection.failure
    this.statements += 1
    return sqlTable(name)
  }

  #toWrite(name: TableName): SqlTable {
    const table = this.#use(name)
    if (!this.#isAlone && !this.hasSavepoint) {
      this.#connection.mark('SAVEPOINT unit')
      this.hasSavepoint = true
    }
    return table
  }

  #try<V>(write: () => V): V {
    try {
      return write()
    } catch (error) {
      if (error instanceof Error) this.failure ??= error
      throw error
    }
  }

  #wrote(count: number): number {
    if (count > 0) this.hasWritten = true
    return count
  }
}

/** Rows are read without their types; the table's name gives the type back. */
function typed<T extends TableName>(row: PlainRow | undefined): Rows[T] | undefined {
  return row as unknown as Rows[T] | undefined
}
