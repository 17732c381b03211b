import { statSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { CountersignError } from '@countersign/core'
import type { Config } from './load-config.ts'
import { type Problem, quoted } from './problem.ts'

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

/** The keys of the server. */
export function keyFile(config: Pick<Config, 'store' | 'directory'>): string {
  return join(stateFolder(config), 'keys.json')
}

/** Files of the server that others on this machine can read. */
export function exposedFiles(config: Pick<Config, 'store' | 'directory'>): readonly Problem[] {
  const file = keyFile(config)
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
