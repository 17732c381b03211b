import { dirname, isAbsolute, join, resolve } from 'node:path'
import { CountersignError } from '@countersign/core'
import type { Config } from './load-config.ts'

/** Where the database file is, as `store.url` says. @throws CountersignError `invalid_config` for an address of another kind */
export function databaseFile({ store, directory }: Pick<Config, 'store' | 'directory'>): string {
  const found = /^(?:sqlite|file):(?:\/\/)?(.+)$/.exec(store.url)
  if (!found?.[1])
    throw new CountersignError('invalid_config', `store.url "${store.url.split(':')[0]}:…" is not supported yet; use sqlite:<file>`)
  return isAbsolute(found[1]) ? found[1] : resolve(directory, found[1])
}

/** Where the server keeps what is its own, beside the database: its keys. */
export function stateFolder(config: Pick<Config, 'store' | 'directory'>): string {
  const file = databaseFile(config)
  return file.endsWith(join('.countersign', 'countersign.db')) ? dirname(file) : join(dirname(file), '.countersign')
}
