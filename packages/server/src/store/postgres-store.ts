import {
  Bus,
  type Channel,
  CountersignError,
  errorFacts,
  isCountersignError,
  type Listener,
  type Runtime,
  type Store,
  type StoreStats,
  type Transaction,
} from '@countersign/core'
import type { Pool, PoolClient } from 'pg'
import { ConnectionTurns } from './connection-turns.ts'
import { migratePostgres, requireCurrentPostgres } from './migrate-postgres.ts'
import { PostgresBus } from './postgres-bus.ts'
import { PostgresConnection } from './postgres-connection.ts'
import { commitFailure, isAway, isOutcomeUnknown, mayDoBetter, storageFailure } from './postgres-failure.ts'
import { DEFAULT_CONNECTIONS, type PostgresAddress, openPool } from './postgres-pool.ts'
import { PostgresSockets } from './postgres-sockets.ts'
import { PostgresTransaction } from './postgres-transaction.ts'
import { publicAddress } from './public-address.ts'
import { UnitWatch } from './unit-watch.ts'

/** How a PostgreSQL store is opened; times in milliseconds. */
export interface PostgresStoreOptions extends PostgresAddress {
  readonly runtime: Pick<Runtime, 'now' | 'timer' | 'log' | 'id' | 'sleep'>
  /** When a unit that does not end is undone (default 5000): others wait for what it holds. */
  readonly stuckUnitMs?: number
  /** From when on a unit is logged as slow (default 1000). */
  readonly slowUnitMs?: number
  /** How often followed conversations are looked at in case a notice was lost (default 5000). */
  readonly pollMs?: number
  /** How many units may wait for a connection (default 5000, seconds of work): a database that is away is not to fill the memory. */
  readonly maxWaiting?: number
}

/** How often a unit is run at most when others are at its rows, or connections end: it takes half a second. */
const MAX_ATTEMPTS = 8
/** How long a store that closes waits for a database that does not answer, milliseconds: a supervisor is patient for ten seconds in all. */
const CLOSING_MS = 1_000

/**
 * A store in a PostgreSQL database, which any number of processes share.
 * @throws CountersignError `storage_unavailable` when it cannot be reached, or a newer version wrote it; `invalid_config` for an address of another kind
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  const sockets = new PostgresSockets()
  const pool = await openPool(options, sockets)
  pool.on('error', tellLosses(options.runtime))
  try {
    if (options.isReader) {
      await requireCurrentPostgres(pool)
      return new PostgresStore({ pool, bus: new Bus(), sockets }, options)
    }
    await migratePostgres(pool)
    const bus = await PostgresBus.open({ ...options, sockets })
    return new PostgresStore({ pool, bus, sockets }, options)
  } catch (error) {
    await pool.end().catch(() => undefined)
    sockets.breakOff()
    if (isCountersignError(error)) throw error
    const { message } = storageFailure(error)
    throw new CountersignError('storage_unavailable', `the database "${publicAddress(options.url)}" could not be used: ${message}`, {
      cause: error,
    })
  }
}

/** Connections are mostly lost together: one line a second says so. */
function tellLosses({ now, log }: Pick<Runtime, 'now' | 'log'>): (error: Error) => void {
  let toldAt = -Infinity
  return (error) => {
    const sinceMs = now() - toldAt
    // A clock that was set back tells again.
    if (sinceMs >= 0 && sinceMs < 1_000) return
    toldAt = now()
    log.warn('a connection to the database was lost', errorFacts(storageFailure(error)))
  }
}

/** What a store works with; it closes them. */
interface Parts {
  readonly pool: Pool
  readonly bus: Bus
  readonly sockets: PostgresSockets
}

class PostgresStore implements Store {
  readonly #parts: Parts
  readonly #options: PostgresStoreOptions
  readonly #turns: ConnectionTurns
  readonly #units = new Set<Promise<unknown>>()
  #closed: Promise<void> | undefined
  #stats: StoreStats = { units: 0, commits: 0, statements: 0 }

  constructor(parts: Parts, options: PostgresStoreOptions) {
    this.#parts = parts
    this.#options = options
    this.#turns = new ConnectionTurns(options.maxConnections ?? DEFAULT_CONNECTIONS, options.maxWaiting ?? 5_000)
  }

  transact<T>(name: string, unit: (transaction: Transaction) => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new CountersignError('storage_unavailable', `the store is closed; "${name}" was not done`))
    const done = this.#attempt(name, unit)
    this.#units.add(done)
    const forget = (): void => void this.#units.delete(done)
    done.then(forget, forget)
    return done
  }

  subscribe(channel: Channel, listener: Listener, id?: string): () => void {
    return this.#parts.bus.subscribe(channel, listener, id)
  }

  stats(): StoreStats {
    return this.#stats
  }

  /** Units that were accepted are still done, unless the database does not answer. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    const { pool, bus, sockets } = this.#parts
    const stopWaiting = this.#options.runtime.timer(CLOSING_MS, () => sockets.breakOff())
    await Promise.allSettled(this.#units)
    if (bus instanceof PostgresBus) await bus.close()
    await pool.end()
    await sockets.closed()
    stopWaiting()
  }

  async #attempt<T>(name: string, unit: (transaction: Transaction) => Promise<T>): Promise<T> {
    const { runtime } = this.#options
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#run(name, unit)
      } catch (error) {
        // A value that is taken is taken: looking once more is enough.
        const attempts = isCountersignError(error, 'conflict') ? 2 : MAX_ATTEMPTS
        if (!mayDoBetter(error) || attempt >= attempts || this.#closed) throw error
        runtime.log.debug('a unit of work is run again', { unit: name, ...errorFacts(error) })
        await runtime.sleep(2 ** attempt)
      }
    }
  }

  /** @throws whatever the unit throws, or what the database said to one of its verbs */
  async #run<T>(name: string, unit: (transaction: Transaction) => Promise<T>): Promise<T> {
    await this.#turns.take()
    try {
      return await this.#runOn(await this.#connect(), { name, unit })
    } catch (error) {
      if (isCountersignError(error, 'storage_unavailable') && isAway(error)) this.#turns.refuseAll(error)
      throw error
    } finally {
      this.#turns.give()
    }
  }

  async #runOn<T>(client: PoolClient, { name, unit }: { name: string; unit: (transaction: Transaction) => Promise<T> }): Promise<T> {
    const connection = new PostgresConnection(client)
    let transaction: PostgresTransaction | undefined
    try {
      transaction = new PostgresTransaction(connection, await connection.begin())
      const value = await this.#watched(name, unit, transaction)
      await commit(connection, transaction)
      client.release()
      this.#settle(name, transaction)
      return value
    } catch (cause) {
      transaction?.end()
      await giveBack(client, connection)
      // A verb that nobody waited for says only that the connection ended, and not when.
      if (isOutcomeUnknown(cause)) throw cause
      throw transaction?.failure ?? (isCountersignError(cause) || transaction ? cause : storageFailure(cause))
    }
  }

  async #connect(): Promise<PoolClient> {
    try {
      return await this.#parts.pool.connect()
    } catch (cause) {
      throw storageFailure(cause)
    }
  }

  async #watched<T>(name: string, unit: (transaction: Transaction) => Promise<T>, transaction: PostgresTransaction): Promise<T> {
    const { runtime, slowUnitMs = 1_000, stuckUnitMs = 5_000 } = this.#options
    const watch = new UnitWatch({ runtime, slowUnitMs, stuckUnitMs })
    watch.start()
    try {
      return await watch.run(name, () => unit(transaction))
    } finally {
      watch.stop()
      transaction.end()
    }
  }

  /** The unit is committed, whatever its effects do. */
  #settle(name: string, { effects, statements, hasWritten }: PostgresTransaction): void {
    const before = this.#stats
    this.#stats = {
      units: before.units + 1,
      commits: before.commits + (hasWritten ? 1 : 0),
      statements: before.statements + statements,
    }
    try {
      effects.run(this.#parts.bus)
    } catch (error) {
      this.#options.runtime.log.error('an effect of a committed unit failed', { unit: name, ...errorFacts(error) })
    }
  }
}

/** @throws CountersignError the verb that failed without anybody waiting for it; `storage_unavailable` when nobody knows whether it was committed */
async function commit(connection: PostgresConnection, transaction: PostgresTransaction): Promise<void> {
  // A unit that did not mind a failed verb has done nothing all the same.
  if (transaction.failure) throw transaction.failure
  const isCommitted = await connection.commit().catch((cause: unknown) => {
    throw commitFailure(cause)
  })
  if (isCommitted) return
  await transaction.settled()
  throw transaction.failure ?? new CountersignError('storage_unavailable', 'the database rolled the transaction back')
}

/** A connection that cannot even roll back is of no use to the next unit. */
async function giveBack(client: PoolClient, connection: PostgresConnection): Promise<void> {
  try {
    await connection.rollBack()
    client.release()
  } catch {
    client.release(true)
  }
}
