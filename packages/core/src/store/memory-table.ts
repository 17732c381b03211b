import { CountersignError } from '../errors.ts'
import { type PlainRow, changed, matches } from './match.ts'
import type { Table } from './tables.ts'

/** The rows of one table in memory, with its unique combinations and indexes. Rows are never changed in place. */
export class MemoryTable {
  readonly #name: string
  readonly #key: readonly string[]
  readonly #unique: readonly (readonly string[])[]
  readonly #rows = new Map<string, PlainRow>()
  /** Index columns → their values → row keys. */
  readonly #indexes: readonly { readonly columns: readonly string[]; readonly rows: Map<string, Set<string>> }[]

  constructor(name: string, table: Table) {
    this.#name = name
    this.#key = table.key
    this.#unique = table.unique ?? []
    const prefix = table.key.length > 1 ? [table.key.slice(0, 1)] : []
    const combinations = [...prefix, ...this.#unique, ...(table.indexes ?? [])]
    this.#indexes = combinations.map((columns) => ({ columns, rows: new Map() }))
  }

  /** @returns how to undo it */
  insert(row: PlainRow): () => void {
    const key = identity(row, this.#key)
    if (this.#rows.has(key)) throw this.#conflict(this.#key)
    this.#checkUnique(row, key)
    this.#put(key, structuredClone(row))
    return () => this.#drop(key)
  }

  find(where: PlainRow): PlainRow[] {
    return this.#candidates(where).filter((row) => matches(row, where))
  }

  /** @returns the row afterwards, and how to undo it */
  change(row: PlainRow, change: PlainRow): { row: PlainRow; undo: () => void } {
    const key = identity(row, this.#key)
    const next = structuredClone(changed(row, change))
    this.#checkUnique(next, key)
    this.#drop(key)
    this.#put(key, next)
    return {
      row: next,
      undo: () => {
        this.#drop(key)
        this.#put(key, row)
      },
    }
  }

  /** @returns how to undo it */
  remove(row: PlainRow): () => void {
    const key = identity(row, this.#key)
    this.#drop(key)
    return () => this.#put(key, row)
  }

  #candidates(where: PlainRow): PlainRow[] {
    if (this.#key.every((column) => isValue(where[column]))) {
      const row = this.#rows.get(identity(where, this.#key))
      return row ? [row] : []
    }
    const index = this.#indexes.find(({ columns }) => columns.every((column) => isValue(where[column])))
    if (!index) return [...this.#rows.values()]
    const keys = index.rows.get(identity(where, index.columns)) ?? new Set<string>()
    return [...keys].map((key) => this.#rows.get(key)).filter((row) => row !== undefined)
  }

  #checkUnique(row: PlainRow, ownKey: string): void {
    for (const columns of this.#unique) {
      if (columns.some((column) => row[column] === null)) continue
      const index = this.#indexes.find((candidate) => candidate.columns === columns)
      const holders = index?.rows.get(identity(row, columns)) ?? []
      for (const holder of holders) if (holder !== ownKey) throw this.#conflict(columns)
    }
  }

  #put(key: string, row: PlainRow): void {
    this.#rows.set(key, row)
    for (const { columns, rows } of this.#indexes) {
      const value = identity(row, columns)
      const keys = rows.get(value)
      if (keys) keys.add(key)
      else rows.set(value, new Set([key]))
    }
  }

  #drop(key: string): void {
    const row = this.#rows.get(key)
    if (!row) return
    this.#rows.delete(key)
    for (const { columns, rows } of this.#indexes) {
      const value = identity(row, columns)
      const keys = rows.get(value)
      keys?.delete(key)
      if (keys?.size === 0) rows.delete(value)
    }
  }

  #conflict(columns: readonly string[]): CountersignError {
    return new CountersignError('conflict', `table "${this.#name}" already has a row with this ${columns.join(', ')}`)
  }
}

function identity(row: PlainRow, columns: readonly string[]): string {
  const only = columns[0]
  return columns.length === 1 && only !== undefined ? String(row[only]) : JSON.stringify(columns.map((column) => row[column]))
}

function isValue(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number'
}
