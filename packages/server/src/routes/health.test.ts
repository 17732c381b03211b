import { CountersignError, type Store, memoryStore } from '@countersign/core'
import { type VirtualRuntime, doorTo, virtualRuntime } from '@countersign/core/testing'
import type { Hono } from 'hono'
import { expect, test } from 'vitest'
import { Operation } from '../operation.ts'
import { healthRoute } from './health.ts'

interface Server {
  readonly app: Hono
  readonly runtime: VirtualRuntime
  readonly operation: Operation
  readonly store: Store
}

/** A server whose database commits as `commit` says. */
function server(commit: Parameters<typeof doorTo>[1] = (_name, done) => done()): Server {
  const runtime = virtualRuntime()
  const store = memoryStore(runtime)
  const operation = new Operation(runtime)
  return { app: healthRoute({ store: doorTo(store, commit), runtime, operation }), runtime, operation, store }
}

async function readiness({ app }: Server): Promise<readonly [number, unknown]> {
  const response = await app.request('/health/ready')
  return [response.status, await response.json()]
}

test('a server that takes work is ready, and its look at the database leaves nothing behind', async () => {
  const ready = server()
  expect(await readiness(ready)).toEqual([200, { status: 'ready' }])
  expect(await ready.store.transact('look', (transaction) => transaction.find('streams', {}))).toEqual([])
})

test('a database that takes no commit: not ready, alive all the same, and ready again a second after it is mended; each change is logged once', async () => {
  let isFull = true
  const full = server((_name, commit) => (isFull ? Promise.reject(new CountersignError('storage_unavailable', 'disk is full')) : commit()))
  expect(await readiness(full)).toEqual([503, { status: 'storage_unavailable' }])
  expect((await full.app.request('/health')).status).toBe(200)
  await readiness(full)
  isFull = false
  await full.runtime.advance(1_000)
  expect(await readiness(full)).toEqual([200, { status: 'ready' }])
  expect(full.runtime.logged.map(({ level, facts }) => [level, facts.status])).toEqual([
    ['warn', 'storage_unavailable'],
    ['info', 'ready'],
  ])
})

test('a database that does not answer: not ready after two seconds', async () => {
  const hanging = server(() => new Promise(() => undefined))
  const asked = readiness(hanging)
  await hanging.runtime.advance(2_000)
  expect(await asked).toEqual([503, { status: 'storage_unavailable' }])
})

test('however many ask, the database is asked once a second', async () => {
  let commits = 0
  const asked = server((_name, commit) => {
    commits += 1
    return commit()
  })
  await Promise.all(Array.from({ length: 1_000 }, () => readiness(asked)))
  await asked.runtime.advance(999)
  await readiness(asked)
  expect(commits).toBe(1)
  await asked.runtime.advance(1)
  await readiness(asked)
  expect(commits).toBe(2)
})

test('a scheduler that has not looked for ten seconds: not ready until it looks', async () => {
  const stalled = server()
  await stalled.runtime.advance(10_001)
  expect(await readiness(stalled)).toEqual([503, { status: 'scheduler_stalled' }])
  stalled.operation.noteLook()
  expect(await readiness(stalled)).toEqual([200, { status: 'ready' }])
})

test('a server that stops says so at once, without asking the database', async () => {
  const stopping = server(() => Promise.reject(new Error('asked')))
  stopping.operation.drain()
  expect(await readiness(stopping)).toEqual([503, { status: 'draining' }])
})
