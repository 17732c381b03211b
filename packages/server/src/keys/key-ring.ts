import { statSync } from 'node:fs'
import { CountersignError, errorFacts, type KeyList, type KeySource, type Runtime, type SealingKey } from '@countersign/core'
import { type KeyFile, type KeyUse, makeKeyFile, readKeyFile, type StoredKey } from './key-file.ts'

/** The server's keys by their use, as they are now. */
export type KeyRing = Readonly<Record<KeyUse, KeySource>>

/** How often the file is looked at while keys are used, milliseconds: a rotation counts after at most so long. */
const LOOK_PERIOD_MS = 1_000

/**
 * Reads the key file, or makes it on the first start. A file that is replaced while the server runs is read again; one that cannot be used then
 * is said in the log, and the keys of before go on.
 * @throws CountersignError `invalid_config` when the file is there but cannot be used
 */
export function openKeyRing(file: string, runtime: Pick<Runtime, 'now' | 'randomBytes' | 'log'>): KeyRing {
  let lists = listsOf(readKeyFile(file) ?? makeKeyFile(file, runtime), file)
  let seen = versionOf(file)
  let lookedAt = runtime.now()
  const look = (): void => {
    lookedAt = runtime.now()
    const version = versionOf(file)
    if (version === seen) return
    seen = version
    try {
      lists = listsOf(readKeyFile(file) ?? missing(file), file)
      runtime.log.info('keys read again', { key: lists.vault[0].id })
    } catch (error) {
      runtime.log.error('the key file cannot be used; the keys of before go on', errorFacts(error))
    }
  }
  const source =
    (use: KeyUse): KeySource =>
    (unknown) => {
      // Another server may have sealed with a key that is a moment old.
      if (unknown !== undefined || runtime.now() - lookedAt >= LOOK_PERIOD_MS) look()
      return lists[use]
    }
  return { session: source('session'), vault: source('vault') }
}

function listsOf({ session, vault }: KeyFile, file: string): Readonly<Record<KeyUse, KeyList>> {
  const listOf = ([first, ...rest]: KeyFile[KeyUse]): KeyList => [keyOf(first, file), ...rest.map((each) => keyOf(each, file))]
  return { session: listOf(session), vault: listOf(vault) }
}

function keyOf({ id, key }: StoredKey, file: string): SealingKey {
  const bytes = Uint8Array.from(Buffer.from(key, 'base64'))
  if (bytes.length !== 32) throw new CountersignError('invalid_config', `key "${id}" in "${file}" must have 32 bytes`)
  return { id, bytes }
}

/** Changes whenever the file is replaced or written. */
function versionOf(file: string): string {
  const { ino, size, mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? {}
  return [ino, size, mtimeMs].join()
}

function missing(file: string): never {
  throw new CountersignError('invalid_config', `the key file "${file}" is gone`)
}
