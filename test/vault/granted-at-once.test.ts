import { type Rows, systemRuntime } from '@countersign/core'
import { createWorld, scriptedModel } from '@countersign/core/testing'
import { openPostgresStore } from '@countersign/server'
import { expect, onTestFinished, test } from 'vitest'
import { createDatabase } from '../../tools/postgres-cluster.mjs'

const MANY = 8

test('on postgres a credential that many sign-ins bring at once is kept each time: the last one counts, and none of them fails', async () => {
  const store = await openPostgresStore({ url: await createDatabase(), runtime: systemRuntime() })
  onTestFinished(() => store.close())
  const { vault } = createWorld({ store, model: scriptedModel([]) }).deps
  const put = (row: Rows['credentials']): Promise<void> => store.transact('granted', (transaction) => vault.put(transaction, row))
  for (let round = 0; round < 5; round += 1) {
    const brought = Array.from({ length: MANY }, (_, index) => credential(`${round} ${index}`))
    const kept = await Promise.allSettled(brought.map(put))
    expect(kept.filter(({ status }) => status === 'rejected')).toEqual([])
    const [row, ...others] = await store.transact('read', (transaction) => transaction.find('credentials', {}))
    expect(others).toEqual([])
    expect(brought).toContainEqual(row)
  }
})

/** One that nobody can open: only which one is there counts. */
function credential(sealed: string): Rows['credentials'] {
  const times = { expiresAt: null, refreshUntil: 0, updatedAt: 0, connectedAt: 0 }
  return { key: 'k1', principalId: 'ada', provider: 'idp', scopes: ['read'], sealed, refreshable: 0, version: 1, ...times }
}
