/** In what databases differ when tables are made. */
export interface SchemaDialect {
  /** A type that holds integers up to 2^53. */
  readonly integer: 'integer' | 'bigint'
  /** What stands after a table's columns: SQLite checks types only when told to. */
  readonly tableEnd: '' | 'strict'
  /** The same for what only grows under a key of several columns: SQLite then keeps its rows in the key's own tree instead of a second one. */
  readonly logEnd: '' | 'strict, without rowid'
}

/** SQLite counts in 64 bits whatever the type is called; a strict table refuses what its column cannot hold. */
export const sqliteSchema: SchemaDialect = { integer: 'integer', tableEnd: 'strict', logEnd: 'strict, without rowid' }
