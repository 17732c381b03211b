import { CountersignError, type KeyList, type Runtime, type SealingKey, toBase64url } from '@countersign/core'
import { z } from 'zod'

const storedKey = z.strictObject({
  id: z.string().regex(/^[\w-]{1,40}$/),
  key: z.base64(),
  /** When it was made; not known of the oldest ones. */
  created: z.iso.datetime().optional(),
  /** When it begins to sign and seal. Until then it only verifies and opens, so that servers which get it one after the other understand each other. */
  from: z.iso.datetime().optional(),
})
const keyList = z.tuple([storedKey], storedKey)
/** The last two came later: keys of an earlier version are without them. */
const writtenKeys = z.strictObject({ session: keyList, vault: keyList, receipts: keyList.optional(), audit: keyList.optional() })

/** A key as it is kept. */
export type StoredKey = z.output<typeof storedKey>

/** What the server's keys are for; each use has keys of its own. */
export type KeyUse = keyof z.output<typeof writtenKeys>

/** For each use its keys, newest first. */
export type StoredKeys = Readonly<Record<KeyUse, readonly [StoredKey, ...StoredKey[]]>>

/** Keys as they were written down: some uses may have none yet. */
export type WrittenKeys = Pick<StoredKeys, 'session' | 'vault'> & { readonly [use in KeyUse]?: StoredKeys[use] | undefined }

/** A key, and since when it signs and seals, epoch milliseconds. */
interface UsableKey extends SealingKey {
  readonly from: number
}

/** The keys of one use, newest first. */
export type UsableKeys = readonly [UsableKey, ...UsableKey[]]

/** The uses, in the order in which they are written. */
export const keyUses: readonly KeyUse[] = ['session', 'vault', 'receipts', 'audit']

/** What new keys are made of. */
export type Chance = Pick<Runtime, 'now' | 'randomBytes'>

/**
 * Reads keys from their text.
 * @param place where the text is, for messages: `the key file "…"`
 * @param remedy what to do when they cannot be used
 * @throws CountersignError `invalid_config`, which repeats nothing of the text
 */
export function parseKeys(text: string, { place, remedy }: { place: string; remedy: string }): WrittenKeys {
  const refuse = (what: string): never => {
    throw new CountersignError('invalid_config', `${place} ${what}; ${remedy}`)
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return refuse('is not JSON')
  }
  const parsed = writtenKeys.safeParse(json)
  if (!parsed.success) return refuse('is not of the known form')
  const short = keyUses.flatMap((use) => parsed.data[use] ?? []).find(({ key }) => Buffer.from(key, 'base64').length !== 32)
  return short === undefined ? parsed.data : refuse(`is of no use: key "${short.id}" must have 32 bytes`)
}

/** The text of keys, as it is read again. */
export function writeKeys(keys: StoredKeys, indent = 2): string {
  return JSON.stringify(keys, null, indent)
}

/** A first key for each use that has none. */
export function withMissingUses(keys: Partial<WrittenKeys>, chance: Chance): StoredKeys {
  return eachUse((use) => keys[use] ?? [freshKey(chance)])
}

/**
 * A newest key for each use; the others stay, so that what they signed and sealed goes on counting.
 * @param delayMs after what time it begins to sign and seal
 */
export function withNewestKeys(keys: StoredKeys, chance: Chance, delayMs = 0): StoredKeys {
  const from = delayMs > 0 ? { from: new Date(chance.now() + delayMs).toISOString() } : {}
  return eachUse((use) => [{ ...freshKey(chance), ...from }, ...keys[use]])
}

/** Whether each use has a key. */
export function isWhole(keys: WrittenKeys): keys is StoredKeys {
  return missingUses(keys).length === 0
}

/**
 * Keys that have to be whole.
 * @throws CountersignError `invalid_config` with the uses that have none
 */
export function requireWhole(keys: WrittenKeys, place: string): StoredKeys {
  if (isWhole(keys)) return keys
  const missing = missingUses(keys).map((use) => `"${use}"`)
  throw new CountersignError('invalid_config', `${place} has no keys for ${missing.join(' and ')}; "countersign keys rotate" makes them`)
}

/** The keys as they are used. */
export function keyListsOf(keys: StoredKeys): Readonly<Record<KeyUse, UsableKeys>> {
  return eachUse((use) => {
    const [first, ...rest] = keys[use]
    return [keyOf(first), ...rest.map(keyOf)]
  })
}

/** The keys of a use at this time: those that have yet to begin come last. */
export function keysInForce(keys: UsableKeys, now: number): KeyList {
  const [first, ...rest] = keys
  if (first.from <= now || rest.length === 0) return keys
  const at = rest.findIndex(({ from }) => from <= now)
  const begun = rest[at]
  return begun === undefined ? keys : [begun, ...rest.slice(at + 1), first, ...rest.slice(0, at)]
}

function missingUses(keys: WrittenKeys): readonly KeyUse[] {
  return keyUses.filter((use) => keys[use] === undefined)
}

function eachUse<T>(make: (use: KeyUse) => T): Readonly<Record<KeyUse, T>> {
  return { session: make('session'), vault: make('vault'), receipts: make('receipts'), audit: make('audit') }
}

function freshKey({ now, randomBytes }: Chance): StoredKey {
  const key = Buffer.from(randomBytes(32)).toString('base64')
  return { id: `k-${toBase64url(randomBytes(6))}`, key, created: new Date(now()).toISOString() }
}

function keyOf({ id, key, from }: StoredKey): UsableKey {
  return { id, bytes: Uint8Array.from(Buffer.from(key, 'base64')), from: from === undefined ? 0 : Date.parse(from) }
}
