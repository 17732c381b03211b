import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryStore, type Store, systemRuntime } from '@countersign/core'
import { openPostgresStore, openSqliteStore } from '@countersign/server'
import { onTestFinished } from 'vitest'
import { createDatabase } from '../../tools/postgres-cluster.mjs'

type TwoStores = readonly [Store, Store]

/** Where two processes can share a database. */
export const places = ['memory', 'sqlite', 'postgres'] as const

/** The stores of two processes that share one database, for as long as the test lasts. */
export async function twoStores(place: (typeof places)[number]): Promise<TwoStores> {
  const stores = await opened[place]()
  onTestFinished(() => Promise.all(stores.map((store) => store.close())).then(() => undefined))
  return stores
}

const opened: Readonly<Record<(typeof places)[number], () => Promise<TwoStores>>> = {
  async memory() {
    const store = memoryStore(systemRuntime())
    return [store, store]
  },
  async sqlite() {
    const folder = mkdtempSync(join(tmpdir(), 'two stores '))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const open = (): Promise<Store> => openSqliteStore({ file: join(folder, 'shared.db'), runtime: systemRuntime(), lock: false })
    return [await open(), await open()]
  },
  async postgres() {
    const url = await createDatabase()
    const open = (): Promise<Store> => openPostgresStore({ url, runtime: systemRuntime() })
    return [await open(), await open()]
  },
}
