import type { Runtime, Store } from '@countersign/core'
import type { Config } from '../config/load-config.ts'
import { databasePlace } from '../config/state-files.ts'
import { openSqliteStore } from './sqlite-store.ts'

/**
 * The store of a configuration, for a server: a SQLite file is this process's alone from then on.
 * @throws CountersignError `storage_unavailable` when it cannot be used, or is locked by another server
 */
export async function openStore(config: Pick<Config, 'store' | 'directory'>, runtime: Runtime): Promise<Store> {
  const place = databasePlace(config)
  return place.kind === 'sqlite' ? openSqliteStore({ file: place.file, runtime }) : openPostgres(config.store, { runtime })
}

/** That of a PostgreSQL address. A server on SQLite never loads the other driver. */
export async function openPostgres(
  { url, max_connections: maxConnections, timeout_seconds: seconds }: Config['store'],
  options: { readonly runtime: Runtime; readonly isReader?: boolean },
): Promise<Store> {
  const { openPostgresStore } = await import('./postgres-store.ts')
  return openPostgresStore({ url, maxConnections, timeoutMs: seconds * 1_000, ...options })
}
