import { type ColumnKind, CountersignError, type TableName, tables } from '@countersign/core'

/** What a database is given and gives back. */
export type SqlValue = string | number | null

/** A row, a where or a change without its type: the table's description says what the columns are. */
export type PlainRow = Readonly<Record<string, unknown>>

/** A column as SQL sees it. */
export interface SqlColumn {
  readonly table: TableName
  readonly name: string
  readonly sqlName: string
  readonly kind: 'text' | 'integer' | 'json'
  readonly isNullable: boolean
}

/** A table's description in the terms of SQL; made once for each table. */
export interface SqlTable {
  readonly name: TableName
  readonly columns: readonly SqlColumn[]
  readonly sqlNames: readonly string[]
  readonly byName: ReadonlyMap<string, SqlColumn>
  readonly key: readonly SqlColumn[]
  /** The combinations of columns of which each value occurs once, the key first. */
  readonly unique: readonly (readonly string[])[]
}

/** @throws CountersignError `not_found` for a name that is no table's */
export function sqlTable(name: TableName): SqlTable {
  const table = described.get(name)
  if (!table) throw new CountersignError('not_found', `no table "${name}"`)
  return table
}

/** @throws CountersignError `invalid_request` for a name that is no column's */
export function columnOf(table: SqlTable, name: string): SqlColumn {
  const column = table.byName.get(name)
  if (!column) throw new CountersignError('invalid_request', `table "${table.name}" has no column "${name}"`)
  return column
}

/**
 * A value as the database keeps it.
 * @throws CountersignError `invalid_request` when the column cannot hold it and give it back unchanged
 */
export function encode(column: SqlColumn, value: unknown): SqlValue {
  if (value === null && column.isNullable) return null
  if (column.kind === 'json' && value !== null && value !== undefined) return JSON.stringify(value)
  if (column.kind === 'integer' && Number.isSafeInteger(value)) return Number(value)
  if (column.kind === 'text' && typeof value === 'string' && isStorable(value)) return value
  throw new CountersignError('invalid_request', `column "${column.name}" of table "${column.table}" holds ${words[column.kind]}`)
}

/** Whether databases give this text back unchanged: they cut it at NUL and replace lone surrogates. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && !loneSurrogate.test(text)
}

/** A row as the domain knows it, from the values of all columns in their order. */
export function decodeRow(table: SqlTable, values: readonly unknown[]): PlainRow {
  const row: Record<string, unknown> = {}
  let index = 0
  for (const column of table.columns) {
    const value = values[index]
    row[column.name] = column.kind === 'json' && typeof value === 'string' ? JSON.parse(value) : value
    index += 1
  }
  return row
}

const words = {
  text: 'text without NUL and lone surrogates',
  integer: 'integers up to 2^53',
  json: 'JSON',
} as const

const loneSurrogate = /\p{Surrogate}/u

const described: ReadonlyMap<string, SqlTable> = new Map(Object.keys(tables).map((name) => [name, describe(name as TableName)]))

function describe(name: TableName): SqlTable {
  const { columns, key, unique = [] } = tables[name]
  const all = Object.entries<ColumnKind>(columns).map(([column, kind]) => describeColumn(name, column, kind))
  const byName = new Map(all.map((column) => [column.name, column]))
  return {
    name,
    columns: all,
    sqlNames: all.map((column) => column.sqlName),
    byName,
    key: all.filter((column) => key.some((each) => each === column.name)),
    unique: [key, ...unique],
  }
}

function describeColumn(table: TableName, name: string, kind: ColumnKind): SqlColumn {
  const isNullable = kind.endsWith('?')
  const plain = isNullable ? kind.slice(0, -1) : kind
  return { table, name, sqlName: snakeCase(name), kind: plain as SqlColumn['kind'], isNullable }
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
