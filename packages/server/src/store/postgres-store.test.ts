import { type Store, systemRuntime } from '@countersign/core'
import { storeContract } from '@countersign/core/testing'
import { describe, expect, test } from 'vitest'
import { createDatabase } from '../../../../tools/postgres-cluster.mjs'
import { openPostgresStore } from './postgres-store.ts'

const runtime = systemRuntime()

storeContract('the PostgreSQL store', open, { describe, test, expect })

async function open(): Promise<{ store: Store; close: () => Promise<void> }> {
  const store = await openPostgresStore({ url: await createDatabase(), runtime })
  return { store, close: () => store.close() }
}
