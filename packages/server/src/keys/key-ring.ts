import { statSync } from 'node:fs'
import { errorFacts, type KeySource, type Runtime } from '@countersign/core'
import { ensureKeyFile, readMadeFile } from './key-file.ts'
import { type KeyPlace, keysGiven } from './key-place.ts'
import { keyListsOf, keysInForce, type KeyUse, requireWhole } from './stored-keys.ts'

/** The server's keys by their use, as they are now. */
export type KeyRing = Readonly<Record<KeyUse, KeySource>>

type RingRuntime = Pick<Runtime, 'now' | 'randomBytes' | 'log'>

/** How often the file is looked at while keys are used, milliseconds: a rotation counts after at most so long. */
const LOOK_PERIOD_MS = 1_000

/**
 * The keys at their place; a file is made on the first start. A file that is replaced while the server runs is read again; one that cannot be used
 * then is said in the log, and the keys of before go on.
 * @throws CountersignError `invalid_config` when the keys are there but cannot be used
 */
export function openKeyRing(place: KeyPlace, runtime: RingRuntime): KeyRing {
  if (place.kind === 'file') return openKeyFile(place.file, runtime)
  const lists = keyListsOf(keysGiven(place))
  return ringOf((use) => () => keysInForce(lists[use], runtime.now()))
}

function openKeyFile(file: string, runtime: RingRuntime): KeyRing {
  let lists = keyListsOf(ensureKeyFile(file, runtime))
  let seen = versionOf(file)
  let lookedAt = runtime.now()
  const look = (): void => {
    lookedAt = runtime.now()
    const version = versionOf(file)
    if (version === seen) return
    seen = version
    try {
      lists = keyListsOf(requireWhole(readMadeFile(file), `the key file "${file}"`))
      runtime.log.info('keys read again', { key: lists.vault[0].id })
    } catch (error) {
      runtime.log.error('the key file cannot be used; the keys of before go on', errorFacts(error))
    }
  }
  return ringOf((use) => (unknown) => {
    // Another server may have sealed with a key that is a moment old.
    if (unknown !== undefined || runtime.now() - lookedAt >= LOOK_PERIOD_MS) look()
    return keysInForce(lists[use], runtime.now())
  })
}

function ringOf(sourceOf: (use: KeyUse) => KeySource): KeyRing {
  return { session: sourceOf('session'), vault: sourceOf('vault'), receipts: sourceOf('receipts'), audit: sourceOf('audit') }
}

/** Changes whenever the file is replaced or written. */
function versionOf(file: string): string {
  const { ino, size, mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? {}
  return [ino, size, mtimeMs].join()
}
