import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { neverConnected } from './unsent.ts'

test('a port where nobody listens, and a host that does not exist: nothing was sent', async () => {
  expect(neverConnected(await failureOf(`http://127.0.0.1:${await closedPort()}/token`))).toBe(true)
  expect(neverConnected(await failureOf('http://nowhere.invalid/token'))).toBe(true)
})

test('a connection that breaks after the request: it may have been done', async () => {
  const server = createServer((socket) => socket.once('data', () => socket.destroy()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  expect(neverConnected(await failureOf(`http://127.0.0.1:${port}/token`))).toBe(false)
  server.close()
})

test.each<readonly [string, unknown]>([
  ['an answer that is none', new SyntaxError('no JSON')],
  ['a failure without a reason', new TypeError('fetch failed')],
  [
    'a host with one address that broke off',
    new TypeError('fetch failed', { cause: new AggregateError([reason('connect'), reason('read')]) }),
  ],
  ['a host without addresses', new TypeError('fetch failed', { cause: new AggregateError([]) })],
])('%s is not known to be unsent', (_what, failure) => {
  expect(neverConnected(failure)).toBe(false)
})

test('a host of whose addresses none was reached: nothing was sent', () => {
  const failures = new AggregateError([reason('connect'), reason('connect')])
  expect(neverConnected(new TypeError('fetch failed', { cause: failures }))).toBe(true)
})

function reason(syscall: string): Error {
  return Object.assign(new Error('failed'), { syscall })
}

async function failureOf(address: string): Promise<unknown> {
  return fetch(address, { method: 'POST', body: 'refresh_token=secret' }).then(
    () => undefined,
    (error: unknown) => error,
  )
}

async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
