import { statSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { CountersignError, Secret } from '@countersign/core'
import type { KeyPlace } from '../keys/key-place.ts'
import { publicAddress } from '../store/public-address.ts'
import type { Config } from './load-config.ts'
import { type Problem, quoted } from './problem.ts'

/** Where everything is kept: in a file of this machine, or in a database that other servers may share. */
export type DatabasePlace = { readonly kind: 'sqlite'; readonly file: string } | { readonly kind: 'postgres'; readonly url: string }

/** The place that `store.url` names. */
export function databasePlace({ store, directory }: Pick<Config, 'store' | 'directory'>): DatabasePlace {
  const file = /^(?:sqlite|file):(?:\/\/)?(.+)$/.exec(store.url)?.[1]
  if (file === undefined) return { kind: 'postgres', url: store.url }
  return { kind: 'sqlite', file: isAbsolute(file) ? file : resolve(directory, file) }
}

/** The same for people: without who signs in there, and with what. */
export function databaseName(place: DatabasePlace): string {
  return place.kind === 'sqlite' ? place.file : publicAddress(place.url)
}

/** Where the server keeps what is its own: beside the database file, else beside the configuration. */
export function stateFolder(config: Pick<Config, 'store' | 'directory'>): string {
  const place = databasePlace(config)
  if (place.kind === 'postgres') return join(config.directory, '.countersign')
  const { file } = place
  return file.endsWith(join('.countersign', 'countersign.db')) ? dirname(file) : join(dirname(file), '.countersign')
}

/**
 * Where the keys of the server are: as the file says, else in `COUNTERSIGN_KEYS`, else in a file beside the database.
 * @throws CountersignError `invalid_config` when they are named in two ways
 */
export function keyPlace(config: Pick<Config, 'store' | 'directory' | 'keys' | 'environmentKeys'>): KeyPlace {
  const { keys, environmentKeys, directory } = config
  const isSame = environmentKeys !== undefined && keys.secret === environmentKeys.reveal()
  if (environmentKeys && !isSame && (keys.file ?? keys.secret) !== undefined)
    throw new CountersignError('invalid_config', 'COUNTERSIGN_KEYS is set, and the workflow file has "keys" too; keep one of them')
  if (environmentKeys) return { kind: 'given', keys: environmentKeys, by: 'COUNTERSIGN_KEYS' }
  if (keys.secret !== undefined) return { kind: 'given', keys: new Secret(keys.secret), by: 'keys.secret' }
  return { kind: 'file', file: keys.file === undefined ? join(stateFolder(config), 'keys.json') : resolve(directory, keys.file) }
}

/** Files of the server that others on this machine can read. */
export function exposedFiles(config: Parameters<typeof keyPlace>[0]): readonly Problem[] {
  const place = keyPlace(config)
  if (place.kind === 'given') return []
  const { file } = place
  const mode = modeOf(file)
  // Windows has no such modes.
  if ((mode & 0o077) === 0 || process.platform === 'win32') return []
  const octal = (mode & 0o777).toString(8)
  return [{ path: '', sentence: `the keys in ${quoted(file)} can be read by others (mode ${octal}); run: chmod 600 ${quoted(file)}` }]
}

/** 0 for a file that is not there, or that we may not look at: who opens it says so. */
function modeOf(file: string): number {
  try {
    return statSync(file).mode
  } catch {
    return 0
  }
}
