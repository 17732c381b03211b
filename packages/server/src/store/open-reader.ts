import { existsSync } from 'node:fs'
import { CountersignError, type Runtime, type Store } from '@countersign/core'
import { databasePlace } from '../config/state-files.ts'
import type { Config } from '../config/load-config.ts'
import { openDatabase } from './open-database.ts'
import { openPostgres } from './open-store.ts'
import { sqliteStoreOn } from './sqlite-store.ts'

/**
 * The store of a configuration, to be read while servers may be at work on it: nothing is made or written, and no file is locked.
 * @throws CountersignError `storage_unavailable` when there is none yet, or it cannot be used
 */
export async function openReader(config: Pick<Config, 'store' | 'directory'>, runtime: Runtime): Promise<Store> {
  const place = databasePlace(config)
  if (place.kind === 'postgres') return openPostgres(config.store, { runtime, isReader: true })
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
