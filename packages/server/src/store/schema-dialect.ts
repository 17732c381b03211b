import { type RawBuilder, sql } from 'kysely'

/** In what databases differ when tables are made. */
export interface SchemaDialect {
  /** A type that holds text, ordered by its code units whatever the language of the database is. */
  readonly text: 'text' | RawBuilder<string>
  /** A type that holds integers up to 2^53. */
  readonly integer: 'integer' | 'bigint'
  /** What stands after a table's columns: SQLite checks types only when told to. */
  readonly tableEnd: '' | 'strict'
  // Not "without rowid": with many conversations at once each of their logs' pages is written in each commit, twice to three times the bytes.
}

/** SQLite counts in 64 bits whatever the type is called; a strict table refuses what its column cannot hold. */
export const sqliteSchema: SchemaDialect = { text: 'text', integer: 'integer', tableEnd: 'strict' }

/** A 32-bit integer would end in 2038 seconds, and in 25 days of milliseconds. */
export const postgresSchema: SchemaDialect = { text: sql<string>`text collate "C"`, integer: 'bigint', tableEnd: '' }
