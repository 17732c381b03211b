import {
  Bus,
  type Channel,
  CountersignError,
  type Listener,
  type Runtime,
  type Store,
  type StoreStats,
  type Transaction,
  isCountersignError,
} from '@countersign/core'
import type Database from 'libsql'
import { lockFile } from './lock-file.ts'
import { migrateSqlite } from './migrate-sqlite.ts'
import { makeFolder, memory, openDatabase } from './open-database.ts'
import { SqliteConnection } from './sqlite-connection.ts'
import { UnitQueue } from './unit-queue.ts'
import { UnitWatch } from './unit-watch.ts'

/** How units run; times in milliseconds. */
export interface UnitOptions {
  readonly runtime: Pick<Runtime, 'now' | 'timer' | 'log'>
  /** From when on a unit is logged as slow (default 50): meanwhile nobody else writes. */
  readonly slowUnitMs?: number
  /** When a unit that does not end is undone (default 5000): longer than any unit takes, shorter than people wait. */
  readonly stuckUnitMs?: number
  /** How long to wait for another process's write lock (default 5000, in slices of 250 between which the event loop is let in). */
  readonly busyTimeoutMs?: number
  /** Units that share one commit at most (default 64, about 5 ms of work): then sockets and timers have their turn. */
  readonly maxGroup?: number
  /** Whether units only read (default false): then they keep nobody from writing. */
  readonly isReader?: boolean
  /** Told of each slow unit, besides the log. */
  readonly onSlowUnit?: (name: string, elapsedMs: number) => void
}

/** How a SQLite store is opened. */
export interface SqliteStoreOptions extends UnitOptions {
  /** A path, or `:memory:`. */
  readonly file: string
  /** `FULL` (default) survives a power cut; `NORMAL` may lose the last commits to one, never to a crash of the process. */
  readonly synchronous?: 'FULL' | 'NORMAL'
  /** Whether to keep a second server away by a lock file (default true); a database in memory needs none. */
  readonly lock?: boolean
}

/**
 * A store in one SQLite file (or in memory), on one connection. Units that arrive in one turn of the event loop share a commit.
 * @throws CountersignError `storage_unavailable` when the file cannot be opened, is locked by another server, or is of a newer version
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { file, runtime, synchronous = 'FULL', lock = true } = options
  makeFolder(file)
  const unlock = lock && file !== memory ? lockFile(file, runtime.now()) : undefined
  let database: Database.Database | undefined
  try {
    database = openDatabase({ file, synchronous })
    await migrateSqlite(database)
    return sqliteStoreOn(database, options, unlock)
  } catch (error) {
    database?.close()
    unlock?.()
    if (isCountersignError(error)) throw error
    throw new CountersignError('storage_unavailable', `the database "${file}" could not be used`, { cause: error })
  }
}

/** A store on a connection that is open and migrated, which it closes in the end. @param released called when it has let go of it */
export function sqliteStoreOn(database: Database.Database, options: UnitOptions, released?: () => void): Store {
  return new SqliteStore(database, options, released)
}

class SqliteStore implements Store {
  readonly #bus = new Bus()
  readonly #connection: SqliteConnection
  readonly #queue: UnitQueue
  readonly #released: (() => void) | undefined
  #closed: Promise<void> | undefined

  constructor(database: Database.Database, options: UnitOptions, released: (() => void) | undefined) {
    const { runtime, slowUnitMs = 50, stuckUnitMs = 5000, busyTimeoutMs = 5000, maxGroup = 64, isReader = false, onSlowUnit } = options
    const sliceMs = Math.min(busyTimeoutMs, 250)
    database.pragma(`busy_timeout = ${sliceMs}`)
    this.#connection = new SqliteConnection(database)
    this.#released = released
    this.#queue = new UnitQueue({
      connection: this.#connection,
      bus: this.#bus,
      runtime,
      watch: new UnitWatch({ runtime, slowUnitMs, stuckUnitMs, onSlowUnit }),
      maxGroup,
      begin: isReader ? 'BEGIN' : 'BEGIN IMMEDIATE',
      lockAttempts: Math.ceil(busyTimeoutMs / Math.max(sliceMs, 1)),
    })
  }

  transact<T>(name: string, unit: (transaction: Transaction) => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new CountersignError('storage_unavailable', `the store is closed; "${name}" was not done`))
    return this.#queue.add(name, unit)
  }

  subscribe(channel: Channel, listener: Listener, id?: string): () => void {
    return this.#bus.subscribe(channel, listener, id)
  }

  stats(): StoreStats {
    return this.#queue.stats
  }

  /** Units that were accepted are still done. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    await this.#queue.idle()
    try {
      this.#connection.close()
    } finally {
      this.#released?.()
    }
  }
}
