import { closeSync, linkSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { CountersignError } from '@countersign/core'
import {
  type Chance,
  isWhole,
  parseKeys,
  type StoredKeys,
  withMissingUses,
  withNewestKeys,
  writeKeys,
  type WrittenKeys,
} from './stored-keys.ts'

/**
 * Reads the key file.
 * @returns undefined when there is none
 * @throws CountersignError `invalid_config` when the file is there but cannot be used
 */
export function readKeyFile(file: string): WrittenKeys | undefined {
  const text = readText(file)
  if (text === undefined) return undefined
  return parseKeys(text, { place: `the key file "${file}"`, remedy: 'restore it, or remove it to start with new keys' })
}

/**
 * Reads a key file that has to be there.
 * @throws CountersignError `invalid_config` when there is none, or it cannot be used
 */
export function readMadeFile(file: string): WrittenKeys {
  const keys = readKeyFile(file)
  if (keys) return keys
  throw new CountersignError('invalid_config', `there is no key file "${file}" yet; the first start of the server makes it`)
}

/**
 * The keys of the file, which is made on the first start: 0600, in a folder of mode 0700, never in the database. A use that an earlier version did
 * not have gets its first key.
 * @throws CountersignError `invalid_config` when it cannot be used or written
 */
export function ensureKeyFile(file: string, chance: Chance): StoredKeys {
  const keys = readKeyFile(file) ?? makeKeyFile(file, chance)
  return isWhole(keys) ? keys : replaceKeys(file, (now) => withMissingUses(now, chance))
}

/**
 * Adds a newest key for each use; the others stay, so that what they signed and sealed goes on counting.
 * @throws CountersignError `invalid_config` when there is no file, it cannot be used, or somebody else is changing it
 */
export function rotateKeyFile(file: string, chance: Chance): StoredKeys {
  readMadeFile(file)
  return replaceKeys(file, (keys) => withNewestKeys(withMissingUses(keys, chance), chance))
}

/** Of two processes that start at once, one makes the file and both have its keys. */
function makeKeyFile(file: string, chance: Chance): WrittenKeys {
  const draft = `${file}.new-${Buffer.from(chance.randomBytes(6)).toString('hex')}`
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeDraft(draft, withMissingUses({}, chance))
    linkSync(draft, file)
  } catch (cause) {
    if (!isThere(cause))
      throw new CountersignError('invalid_config', `the key file "${file}" could not be made; its folder must be writable`, { cause })
  } finally {
    rmSync(draft, { force: true })
  }
  return readMadeFile(file)
}

/** Whole or not at all: half a key file would lock everybody out of what it sealed. One at a time: two at once would lose a key of one of them. */
function replaceKeys(file: string, change: (keys: WrittenKeys) => StoredKeys): StoredKeys {
  const draft = `${file}.rotating`
  take(draft)
  try {
    const keys = change(readMadeFile(file))
    writeDraft(draft, keys)
    // From here on the draft's name is free for somebody else.
    renameSync(draft, file)
    return keys
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}

function writeDraft(draft: string, keys: StoredKeys): void {
  writeFileSync(draft, `${writeKeys(keys)}\n`, { mode: 0o600, flush: true })
}

function take(draft: string): void {
  try {
    closeSync(openSync(draft, 'wx', 0o600))
  } catch (cause) {
    const why = isThere(cause)
      ? `"${draft}" is there: another rotation is under way, or was cut off; then remove it`
      : `"${draft}" cannot be written`
    throw new CountersignError('invalid_config', `the keys cannot be changed now: ${why}`, { cause })
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw new CountersignError('invalid_config', `the key file "${file}" cannot be read`, { cause })
  }
}

function isThere(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'
}
