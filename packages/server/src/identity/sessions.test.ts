import { memoryStore } from '@countersign/core'
import { virtualRuntime } from '@countersign/core/testing'
import { expect, test } from 'vitest'
import { FIRST_RETURN_MS, SESSION_LIFETIME_MS, Sessions } from './sessions.ts'

const key = (id: string, fill: number) => ({ id, bytes: new Uint8Array(32).fill(fill) })

function open() {
  const runtime = virtualRuntime()
  const store = memoryStore(runtime)
  return { runtime, store, sessions: new Sessions({ store, runtime, keys: () => [key('k1', 1)] }) }
}

test('a session is found by its cookie, and its value stands nowhere in the store', async () => {
  const { store, sessions } = open()
  const { visitor, cookie } = await sessions.open('Chrome on Linux')
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
  const { cookie } = await sessions.open('Chrome on Linux')
  const [value = '', signature = ''] = cookie.split('.')
  expect(await sessions.find(`${value}x.${signature}`)).toBeUndefined()
  expect(await sessions.find(`${value}.${signature.slice(0, -1)}`)).toBeUndefined()
})

test('a cookie of an older key is still known, one of a removed key is not', async () => {
  const { runtime, store, sessions } = open()
  const { visitor, cookie } = await sessions.open('Chrome on Linux')
  const rotated = new Sessions({ store, runtime, keys: () => [key('k2', 2), key('k1', 1)] })
  expect(await rotated.find(cookie)).toEqual(visitor)
  expect(await new Sessions({ store, runtime, keys: () => [key('k2', 2)] }).find(cookie)).toBeUndefined()
})

test('a session ends when it was not used for its lifetime, and use prolongs it', async () => {
  const { runtime, sessions } = open()
  const { cookie } = await sessions.open('Chrome on Linux')
  await runtime.advance(SESSION_LIFETIME_MS - 1_000)
  expect(await sessions.find(cookie)).toBeDefined()
  await runtime.advance(SESSION_LIFETIME_MS - 1_000)
  expect(await sessions.find(cookie)).toBeDefined()
  await runtime.advance(SESSION_LIFETIME_MS)
  expect(await sessions.find(cookie)).toBeUndefined()
})

test('a session to which no browser ever came back goes soon, without more ado; one that was used once stays', async () => {
  const { runtime, store, sessions } = open()
  const left = await sessions.open('Chrome on Linux', FIRST_RETURN_MS)
  const used = await sessions.open('Chrome on Linux', FIRST_RETURN_MS)
  await sessions.find(used.cookie)
  await runtime.advance(FIRST_RETURN_MS + 60_000)
  expect(await sessions.find(left.cookie)).toBeUndefined()
  expect(await sessions.takeUnused()).toEqual([])
  const rows = await store.transact('read', (transaction) => transaction.find('sessions', {}))
  expect(rows.map(({ id }) => id)).toEqual([used.visitor.sessionId])
  expect(await sessions.find(used.cookie)).toEqual(used.visitor)
  await runtime.advance(SESSION_LIFETIME_MS + 60_000)
  expect((await sessions.takeUnused()).map(({ id }) => id)).toEqual([used.visitor.sessionId])
})
