import type { Secret } from '@countersign/core'
import { readKeyFile, readMadeFile } from './key-file.ts'
import { parseKeys, requireWhole, type StoredKeys, type WrittenKeys } from './stored-keys.ts'

/** Where the server's keys come from: a file, which the first start makes, or a text that it is given. */
export type KeyPlace = { readonly kind: 'file'; readonly file: string } | GivenKeys

/** Keys that the server is given and cannot change. */
export interface GivenKeys {
  readonly kind: 'given'
  readonly keys: Secret
  /** By what: `COUNTERSIGN_KEYS`, `keys.secret`. */
  readonly by: string
}

/**
 * The keys that stand there now; nothing is made.
 * @throws CountersignError `invalid_config` when there are none, or they cannot be used
 */
export function keysAt(place: KeyPlace): WrittenKeys {
  return place.kind === 'file' ? readMadeFile(place.file) : parseGiven(place)
}

/**
 * Looks whether the server could start with the keys that are there; a file may be yet to be made.
 * @throws CountersignError `invalid_config` when it could not
 */
export function checkKeysAt(place: KeyPlace): void {
  if (place.kind === 'file') readKeyFile(place.file)
  else keysGiven(place)
}

/** @throws CountersignError `invalid_config` when the text is not one of keys for every use */
export function keysGiven(given: GivenKeys): StoredKeys {
  return requireWhole(parseGiven(given), `the value of ${given.by}`)
}

/** Where the keys are, in words. */
export function placeInWords(place: KeyPlace): string {
  return place.kind === 'file' ? place.file : `given by ${place.by}`
}

function parseGiven({ keys, by }: GivenKeys): WrittenKeys {
  return parseKeys(keys.reveal(), { place: `the value of ${by}`, remedy: 'give it the text of a key file' })
}
