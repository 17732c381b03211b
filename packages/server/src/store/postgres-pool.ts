import { CountersignError } from '@countersign/core'
import type { Client, Pool, PoolConfig } from 'pg'
import type { PostgresSockets } from './postgres-sockets.ts'
import { publicAddress } from './public-address.ts'

/** How a PostgreSQL database is reached; times in milliseconds. */
export interface PostgresAddress {
  /** `postgres://user:password@host:port/database`, or `postgres://user@/database?host=/run/postgresql` for a Unix socket. */
  readonly url: string
  /** Connections of this process at most, besides the one that listens (default 10). */
  readonly maxConnections?: number
  /** How long making a connection, and the answer to a statement, may take (default 10000): then the database counts as away. */
  readonly timeoutMs?: number
  /** Whether it is only read (default false): nothing is made or written, and nobody is listened to. */
  readonly isReader?: boolean
}

export const DEFAULT_CONNECTIONS = 10

/** After how much silence the system asks whether the other end is still there, milliseconds: its own default is two hours. */
const KEEP_ALIVE_MS = 10_000

/** What a connection is opened with: nothing may hang for ever, on either side. */
export function connectionOptions({ url, timeoutMs = 10_000, isReader = false }: PostgresAddress, sockets: PostgresSockets): PoolConfig {
  return {
    connectionString: url,
    application_name: 'countersign',
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    statement_timeout: timeoutMs,
    lock_timeout: timeoutMs / 2,
    // A process that is stopped in the middle of a unit does not hold its rows for longer.
    idle_in_transaction_session_timeout: timeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    stream: sockets.make,
    // What is behind a statement that is not answered is not answered either, so a connection that is waited for too long is given up.
    pipeline: true,
    types: { getTypeParser: parserOf },
    ...(isReader && { options: '-c default_transaction_read_only=on' }),
  }
}

/**
 * The connections of this process.
 * @throws CountersignError `invalid_config` when the driver cannot read the address
 */
export async function openPool(address: PostgresAddress, sockets: PostgresSockets): Promise<Pool> {
  const { default: pg } = await import('pg')
  // A server on SQLite never loads the driver.
  refuseUnreadable(pg.Client, address.url)
  const pool = new pg.Pool({ ...connectionOptions(address, sockets), max: address.maxConnections ?? DEFAULT_CONNECTIONS })
  // A connection that is lost says so to every statement under way, and the pool says so of one without any. Were there nobody who listens on the
  // connection itself, one that is lost in the middle of a unit would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

/** The driver reads an address when it first connects, and its error repeats it with the password. */
function refuseUnreadable(Driver: typeof Client, url: string): void {
  try {
    void new Driver({ connectionString: url })
  } catch {
    throw new CountersignError('invalid_config', `store.url "${publicAddress(url)}" is no address of a PostgreSQL database`)
  }
}

const bigint = 20

/** Our integers are safe; the driver gives 64-bit ones as text otherwise. */
function parserOf(type: number): (text: string) => unknown {
  return type === bigint ? Number : (text) => text
}
