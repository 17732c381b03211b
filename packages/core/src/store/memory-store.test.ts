import { describe, expect, test } from 'vitest'
import { storeContract } from '../testing/store-contract.ts'
import { virtualRuntime } from '../testing/virtual-runtime.ts'
import { memoryStore } from './memory-store.ts'

async function open() {
  const store = memoryStore(virtualRuntime())
  return { store, close: () => store.close() }
}

storeContract('the store in memory', open, { describe, test, expect })
