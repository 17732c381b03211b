import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { CountersignError } from '@countersign/core'
import Database from 'libsql'

/** How the database file is opened. */
export interface DatabaseOptions {
  /** A path, or `:memory:`. */
  readonly file: string
  /** `FULL` survives a power cut; `NORMAL` may lose the last commits to one, never to a crash of the process. */
  readonly synchronous: 'FULL' | 'NORMAL'
}

/** Makes the folder, readable by its owner alone, unless it is there. */
export function makeFolder(file: string): void {
  if (file === memory) return
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new CountersignError('storage_unavailable', `the folder of "${file}" could not be made`, { cause })
  }
}

/**
 * Opens the file, made readable by its owner alone, in write-ahead mode; other connections may read while this one writes.
 * @throws CountersignError `storage_unavailable` when the file cannot be opened or is no database
 */
export function openDatabase({ file, synchronous }: DatabaseOptions): Database.Database {
  try {
    // The database gives its companion files (-wal, -shm) the mode of the file itself.
    if (file !== memory && !existsSync(file)) closeSync(openSync(file, 'a', 0o600))
    const database = new Database(file)
    database.pragma(`busy_timeout = ${openingBusyMs}`)
    database.pragma('journal_mode = WAL')
    database.pragma(`synchronous = ${synchronous}`)
    database.pragma('foreign_keys = OFF')
    return database
  } catch (cause) {
    throw new CountersignError('storage_unavailable', `the database "${file}" could not be opened`, { cause })
  }
}

/** The name of a database without a file. */
export const memory = ':memory:'

/** While a server starts nothing else waits, so it may wait for a lock in one piece. */
const openingBusyMs = 5000
