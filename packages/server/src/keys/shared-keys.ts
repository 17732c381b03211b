import { existsSync } from 'node:fs'
import { CountersignError, type KeySource, type Log, type Store } from '@countersign/core'
import type { KeyPlace } from './key-place.ts'

const advice = 'servers that share a database need the same keys: in one key file, or its text in COUNTERSIGN_KEYS'

/** Whether the first start will make the keys, so that no other server can have them yet. */
export function areKeysNew(place: KeyPlace): boolean {
  return place.kind === 'file' && !existsSync(place.file)
}

/** Says that keys were just made for a database that other servers may share. */
export function warnOfNewKeys(place: KeyPlace, log: Log): void {
  log.warn(`new keys were made; ${advice}`, place.kind === 'file' ? { file: place.file } : {})
}

/**
 * Looks whether this server has the key under which a shared database was written to last: without it, it would take everybody's credentials for
 * lost, and remove them.
 * @throws CountersignError `invalid_config` when it has not
 */
export async function requireSharedKeys(store: Store, vault: KeySource): Promise<void> {
  const newest = { orderBy: 'updatedAt', descending: true, limit: 1 } as const
  const [credential] = await store.transact('shared-keys', (transaction) => transaction.find('credentials', {}, newest))
  const id = credential?.sealed.split('.')[1]
  if (id === undefined || vault(id).some((key) => key.id === id)) return
  throw new CountersignError(
    'invalid_config',
    `the database holds credentials under the vault key "${id}", which this server has not; ${advice}. If that key is lost for good, remove what it sealed from the table "credentials"`,
  )
}
