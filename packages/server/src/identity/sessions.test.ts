import { memoryStore } from '@countersign/core'
import { virtualRuntime } from '@countersign/core/testing'
import { expect, test } from 'vitest'
import { SESSION_LIFETIME_MS, Sessions } from './sessions.ts'

const key = (id: string, fill: number) => ({ id, bytes: new Uint8Array(32).fill(fill) })

function open() {
  const runtime = virtualRuntime()
  const store = memoryStore(runtime)
  return { runtime, store, sessions: new Sessions({ store, runtime, keys: [key('k1', 1)] }) }
}

test('a session is found by its cookie, and its value stands nowhere in the store', async () => {
  const { store, sessions } = open()
  const { visitor, cookie } = await sessions.open()
  expect(await sessions.find(cookie)).toEqual(visitor)
  const rows = await store.transact('read', (transaction) => transaction.find('sessions', {}))
  expect(JSON.stringify(rows)).not.toContain(cookie.split('.')[0])
})

test.each([
  ['missing', undefined],
  ['unsigned', 'abc'],
  ['forged', 'abc.def'],
  ['empty', ''],
  ['very long', 'x'.repeat(10_000)],
])('a %s cookie is nobody', async (_what, cookie) => {
  expect(await open().sessions.find(cookie)).toBeUndefined()
})

test('a changed value or signature is nobody', async () => {
  const { sessions } = open()
  const { cookie } = await sessions.open()
  const [value = '', signature = ''] = cookie.split('.')
  expect(await sessions.find(`${value}x.${signature}`)).toBeUndefined()
  expect(await sessions.find(`${value}.${signature.slice(0, -1)}`)).toBeUndefined()
})

test('a cookie of an older key is still known, one of a removed key is not', async () => {
  const { runtime, store, sessions } = open()
  const { visitor, cookie } = await sessions.open()
  const rotated = new Sessions({ store, runtime, keys: [key('k2', 2), key('k1', 1)] })
  expect(await rotated.find(cookie)).toEqual(visitor)
  expect(await new Sessions({ store, runtime, keys: [key('k2', 2)] }).find(cookie)).toBeUndefined()
})

test('a session ends when it was not used for its lifetime, and use prolongs it', async () => {
  const { runtime, sessions } = open()
  const { cookie } = await sessions.open()
  await runtime.advance(SESSION_LIFETIME_MS - 1_000)
  expect(await sessions.find(cookie)).toBeDefined()
  await runtime.advance(SESSION_LIFETIME_MS - 1_000)
  expect(await sessions.find(cookie)).toBeDefined()
  await runtime.advance(SESSION_LIFETIME_MS)
  expect(await sessions.find(cookie)).toBeUndefined()
})
