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
import type { PostgresConnection } from './postgres-connection.ts'
import { isAftermath, postgresFailure } from './postgres-failure.ts'
import { type PlainRow, type SqlTable, sqlTable } from './sql-table.ts'

/** How many rows one INSERT takes: more go into further ones, so that few lengths make few statements. */
const rowsPerInsert = 16

/** The verbs of one unit on a connection of its own. */
export class PostgresTransaction implements Transaction {
  readonly now: number
  readonly effects = new Effects()
  statements = 0
  hasWritten = false
  /** The first verb that failed: the database does nothing more for this unit. */
  failure: CountersignError | undefined
  readonly #connection: PostgresConnection
  readonly #locks = new Set<string>()
  /** Statements that were sent and whose end nobody has waited for. */
  readonly #sent: Promise<unknown>[] = []
  #hasEnded = false

  constructor(connection: PostgresConnection, now: number) {
    this.#connection = connection
    this.now = now
  }

  /** Not waited for: the next statement is behind it on the same connection. */
  async lock(id: string): Promise<void> {
    if (this.#locks.has(id)) return
    this.#refuseLate()
    this.#locks.add(id)
    this.#sendAhead(this.#connection.lock(id))
  }

  /** Not waited for: a row that is refused undoes the unit at its next verb, or at its end. */
  async insert<T extends TableName>(table: T, ...rows: readonly Rows[T][]): Promise<void> {
    for (let from = 0; from < rows.length; from += rowsPerInsert) {
      const some = rows.slice(from, from + rowsPerInsert) as readonly unknown[] as readonly PlainRow[]
      this.hasWritten = true
      const into = this.#use(table)
      this.#sendAhead(this.#try(() => this.#connection.run({ verb: 'insert', table: into, rows: some })))
    }
  }

  async get<T extends TableName>(table: T, where: Where<T>): Promise<Rows[T] | undefined> {
    return (await this.find(table, where, { limit: 1 }))[0]
  }

  async find<T extends TableName>(table: T, where: Where<T>, options: FindOptions<T> = {}): Promise<readonly Rows[T][]> {
    const from = this.#use(table)
    const rows = await this.#try(() => this.#connection.all({ verb: 'find', table: from, where, ...options }))
    return rows as readonly unknown[] as readonly Rows[T][]
  }

  async update<T extends TableName>(table: T, where: Where<T>, change: Change<T>): Promise<number> {
    const target = this.#use(table)
    return this.#wrote(await this.#try(() => this.#connection.run({ verb: 'update', table: target, where, change })))
  }

  async updateOne<T extends TableName>(table: T, where: Where<T>, change: Change<T>): Promise<Rows[T] | undefined> {
    const target = this.#use(table)
    const rows = await this.#try(() => this.#connection.all({ verb: 'updateOne', table: target, where, change }))
    this.#wrote(rows.length)
    return rows[0] as unknown as Rows[T] | undefined
  }

  async remove<T extends TableName>(table: T, where: Where<T>): Promise<number> {
    const target = this.#use(table)
    return this.#wrote(await this.#try(() => this.#connection.run({ verb: 'remove', table: target, where })))
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

  /** Resolves when everything that was sent is answered. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#sent)
  }

  #use(name: TableName): SqlTable {
    this.#refuseLate()
    if (this.failure) throw this.failure
    this.statements += 1
    return sqlTable(name)
  }

  #refuseLate(): void {
    if (this.#hasEnded)
      throw new CountersignError('storage_unavailable', 'this transaction has ended: a unit may use it only while it runs')
  }

  /** What fails after a statement that nobody waited for fails for that one's reason. */
  async #try<V>(verb: () => Promise<V>): Promise<V> {
    try {
      return await verb()
    } catch (cause) {
      if (isAftermath(cause) && !this.failure) await this.settled()
      this.failure ??= postgresFailure(cause)
      throw this.failure
    }
  }

  #sendAhead(sent: Promise<unknown>): void {
    this.#sent.push(
      sent.catch((cause: unknown) => {
        this.failure ??= postgresFailure(cause)
      }),
    )
  }

  #wrote(count: number): number {
    if (count > 0) this.hasWritten = true
    return count
  }
}
