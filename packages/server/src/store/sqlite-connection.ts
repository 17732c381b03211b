import type { CountersignError } from '@countersign/core'
import type Database from 'libsql'
import { sqliteCompiler } from './sql-compiler.ts'
import { type PlainRow, decodeRow } from './sql-table.ts'
import { sqliteFailure, storageFailure } from './sqlite-failure.ts'
import { type Request, bind, compile } from './statements.ts'

type Statement = Database.Statement

/**
 * How many prepared statements are kept. The domain has about a hundred shapes; only the lengths of inserts and of `oneOf` add to
 * them, and a statement holds a few kilobytes outside the heap.
 */
const maxStatements = 500

/** The one connection: runs requests on prepared statements and marks where transactions begin and end. */
export class SqliteConnection {
  readonly #database: Database.Database
  readonly #statements = new Map<string, Statement>()
  /** The last refusal of the database that was no mere violation; whoever runs units takes it. */
  #failure: CountersignError | undefined

  constructor(database: Database.Database) {
    this.#database = database
  }

  /** Runs a request that writes. @returns how many rows it touched */
  run(request: Request): number {
    const { key, parameters } = bind(request)
    try {
      return this.#statement(key, request).run(parameters).changes
    } catch (cause) {
      throw this.#failed(cause, key)
    }
  }

  /** Runs a request that gives rows. @returns the first */
  first(request: Request): PlainRow | undefined {
    const { key, parameters } = bind(request)
    try {
      const values = this.#statement(key, request).get(parameters)
      return Array.isArray(values) ? decodeRow(request.table, values) : undefined
    } catch (cause) {
      throw this.#failed(cause, key)
    }
  }

  /** Runs a request that gives rows. @returns all of them */
  all(request: Request): PlainRow[] {
    const { key, parameters } = bind(request)
    try {
      const rows = this.#statement(key, request).all(parameters) as readonly (readonly unknown[])[]
      return rows.map((values) => decodeRow(request.table, values))
    } catch (cause) {
      throw this.#failed(cause, key)
    }
  }

  /** `BEGIN IMMEDIATE`, `COMMIT`, `SAVEPOINT …`: what is no statement of the domain. */
  mark(text: string): void {
    try {
      this.#database.exec(text)
    } catch (cause) {
      throw this.#failed(storageFailure(cause))
    }
  }

  get failure(): CountersignError | undefined {
    return this.#failure
  }

  forgetFailure(): void {
    this.#failure = undefined
  }

  /** False after the database has rolled a transaction back by itself, as it does when the disk is full. */
  get isInTransaction(): boolean {
    return this.#database.inTransaction
  }

  /** Moves the write-ahead log into the file and closes it. */
  close(): void {
    this.#statements.clear()
    try {
      this.#database.pragma('wal_checkpoint(TRUNCATE)')
    } finally {
      this.#database.close()
    }
  }

  #statement(key: string, request: Request): Statement {
    const known = this.#statements.get(key)
    if (known) return known
    const statement = this.#database.prepare(compile(sqliteCompiler, request).sql)
    // Rows as arrays: the driver adds a property of its own to row objects.
    if (request.verb === 'find' || request.verb === 'updateOne') statement.raw()
    const [oldest] = this.#statements.keys()
    if (oldest !== undefined && this.#statements.size >= maxStatements) this.#statements.delete(oldest)
    this.#statements.set(key, statement)
    return statement
  }

  /** libsql does not reset a statement that failed while it gave rows: its next use would report this failure again. */
  #failed(cause: unknown, key?: string): CountersignError {
    if (key !== undefined) this.#statements.delete(key)
    const error = sqliteFailure(cause)
    if (error.code === 'storage_unavailable') this.#failure = error
    return error
  }
}
