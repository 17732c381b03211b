import { existsSync } from 'node:fs'
import { CountersignError, type Runtime, type Store } from '@countersign/core'
import { databasePlace } from '../config/state-files.ts'
import type { Config } from '../config/load-config.ts'
import { openDatabase } from './open-database.ts'
import { openStore } from './open-store.ts'
import { sqliteStoreOn } from './sqlite-store.ts'

/**
 * The store of a configuration, to be read while a server may be at work on it: nothing is made, and a file neither locked nor written.
 * @throws CountersignError `storage_unavailable` when there is none yet, or it cannot be used
 */
export async function openReader(config: Pick<Config, 'store' | 'directory'>, runtime: Runtime): Promise<Store> {
  const place = databasePlace(config)
  if (place.kind === 'postgres') return openStore(config, runtime)
  const { file } = place
  if (!existsSync(file)) throw new CountersignError('storage_unavailable', `there is no database "${file}" yet; the first start makes it`)
  const database = openDatabase({ file, synchronous: 'FULL' })
  database.pragma('query_only = 1')
  if (database.prepare("select 1 from sqlite_master where name = 'checkpoints'").get() === undefined) {
    database.close()
    throw new CountersignError('storage_unavailable', `the database "${file}" is of an earlier version; start the server on it once`)
  }
  return sqliteStoreOn(database, { runtime, isReader: true })
}
