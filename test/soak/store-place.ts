import { type Store, silentLog } from '@countersign/core'
import { nodeRuntime, openPostgresStore, openSqliteStore } from '@countersign/server'
import { createDatabase, startCluster } from '../../tools/postgres-cluster.mjs'

export type StoreName = 'sqlite' | 'postgres'

/** Where the rows of a stand are: a file of its own, or a database that is there. */
export type StorePlace = { readonly kind: 'sqlite' } | { readonly kind: 'postgres'; readonly url: string }

/** Opens the store of an address past its servers. */
export function openStore(url: string): Promise<Store> {
  const runtime = nodeRuntime(silentLog)
  const file = /^sqlite:(.*)$/.exec(url)?.[1]
  return file === undefined ? openPostgresStore({ url, runtime, maxConnections: 4 }) : openSqliteStore({ file, runtime, lock: false })
}

/** Opens a store that no server has. */
export function openSpareStore(place: StorePlace): Promise<Store> {
  return openStore(place.kind === 'sqlite' ? 'sqlite::memory:' : place.url)
}

/** Makes places, each with nothing in it; a PostgreSQL of its own is started for them unless `DATABASE_URL` names one. */
export async function openPlaces(name: StoreName): Promise<{ next(): Promise<StorePlace>; stop(): Promise<void> }> {
  if (name === 'sqlite') return { next: async () => ({ kind: 'sqlite' }), stop: async () => undefined }
  if (process.env['DATABASE_URL'] !== undefined)
    return { next: async () => ({ kind: 'postgres', url: await createDatabase() }), stop: async () => undefined }
  const cluster = await startCluster()
  return { next: async () => ({ kind: 'postgres', url: await cluster.createDatabase() }), stop: () => cluster.stop() }
}
