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
  if (place.kind === 'sqlite') return openSqliteStore({ file: place.file, runtime })
  // A server on SQLite never loads the other driver.
  const { openPostgresStore } = await import('./postgres-store.ts')
  const { max_connections: maxConnections, timeout_seconds: seconds } = config.store
  return openPostgresStore({ url: place.url, maxConnections, timeoutMs: seconds * 1_000, runtime })
}
