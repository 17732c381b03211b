import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { CountersignError, type Runtime, toBase64url } from '@countersign/core'
import { z } from 'zod'

const storedKey = z.strictObject({
  id: z.string().regex(/^[\w-]{1,40}$/),
  key: z.base64(),
  /** When it was made; not known of the oldest ones. */
  created: z.iso.datetime().optional(),
})
const keyList = z.tuple([storedKey], storedKey)
const keyFile = z.strictObject({ session: keyList, vault: keyList })

/** A key as it is kept. */
export type StoredKey = z.output<typeof storedKey>

/** The key file: for each use its keys, newest first. */
export type KeyFile = z.output<typeof keyFile>

/** What the server's keys are for; each use has keys of its own. */
export type KeyUse = keyof KeyFile

/** The uses, in the order of the file. */
export const keyUses: readonly KeyUse[] = ['session', 'vault']

type Chance = Pick<Runtime, 'now' | 'randomBytes'>

/**
 * Reads the key file.
 * @returns undefined when there is none
 * @throws CountersignError `invalid_config` when the file is there but cannot be used
 */
export function readKeyFile(file: string): KeyFile | undefined {
  const text = readText(file)
  if (text === undefined) return undefined
  const parsed = keyFile.safeParse(parseJson(text, file))
  if (!parsed.success)
    throw new CountersignError(
      'invalid_config',
      `the key file "${file}" is not of the known form; restore it, or remove it to start with new keys`,
    )
  return parsed.data
}

/**
 * Makes the file with a first key for each use: 0600, in a folder of mode 0700, never in the database.
 * @throws CountersignError `invalid_config` when it cannot be written
 */
export function makeKeyFile(file: string, chance: Chance): KeyFile {
  const made: KeyFile = { session: [freshKey(chance)], vault: [freshKey(chance)] }
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    write(file, { draft: `${file}.new`, keys: made })
  } catch (cause) {
    throw new CountersignError('invalid_config', `the key file "${file}" could not be made; its folder must be writable`, { cause })
  }
  return made
}

/**
 * Adds a newest key for each use; the others stay, so that what they signed and sealed goes on counting.
 * @throws CountersignError `invalid_config` when there is no file, it cannot be used, or another rotation has it
 */
export function rotateKeys(file: string, chance: Chance): KeyFile {
  const draft = `${file}.rotating`
  readMade(file)
  take(draft)
  try {
    const keys = readMade(file)
    const rotated: KeyFile = { session: [freshKey(chance), ...keys.session], vault: [freshKey(chance), ...keys.vault] }
    write(file, { draft, keys: rotated })
    return rotated
  } finally {
    rmSync(draft, { force: true })
  }
}

/**
 * Reads a key file that has to be there.
 * @throws CountersignError `invalid_config` when there is none, or it cannot be used
 */
export function readMade(file: string): KeyFile {
  const keys = readKeyFile(file)
  if (keys) return keys
  throw new CountersignError('invalid_config', `there is no key file "${file}" yet; the first start of the server makes it`)
}

function freshKey({ now, randomBytes }: Chance): StoredKey {
  const key = Buffer.from(randomBytes(32)).toString('base64')
  return { id: `k-${toBase64url(randomBytes(6))}`, key, created: new Date(now()).toISOString() }
}

/** Whole or not at all: half a key file would lock everybody out of what it sealed. */
function write(file: string, { draft, keys }: { draft: string; keys: KeyFile }): void {
  writeFileSync(draft, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600, flush: true })
  renameSync(draft, file)
}

/** Two rotations at once would lose a key of one of them. */
function take(draft: string): void {
  try {
    closeSync(openSync(draft, 'wx', 0o600))
  } catch (cause) {
    const isThere = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'
    const why = isThere
      ? `"${draft}" is there: another rotation is under way, or was cut off; then remove it`
      : `"${draft}" cannot be written`
    throw new CountersignError('invalid_config', `the keys cannot be rotated now: ${why}`, { cause })
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

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new CountersignError('invalid_config', `the key file "${file}" is not JSON; restore it, or remove it to start with new keys`)
  }
}
