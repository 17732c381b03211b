import { once } from 'node:events'
import { type VirtualRuntime, virtualRuntime } from '@countersign/core/testing'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { keepAlive } from './heartbeat.ts'

test('a peer that answers is kept; the third beat without an answer ends the socket', async () => {
  const { runtime, near, far } = await connected()
  keepAlive(near, runtime, 15_000)
  for (let beat = 0; beat < 10; beat += 1) {
    const answered = once(near, 'pong')
    await runtime.advance(15_000)
    await answered
  }
  far.pause()
  await runtime.advance(44_999)
  expect(near.readyState).toBe(near.OPEN)
  const closed = once(near, 'close')
  await runtime.advance(1)
  expect((await closed)[0]).toBe(1006)
})

test('whatever it says is an answer, too', async () => {
  const { runtime, near, far } = await connected({ autoPong: false })
  keepAlive(near, runtime, 15_000)
  for (let beat = 0; beat < 10; beat += 1) {
    const heard = once(near, 'message')
    far.send('hello')
    await heard
    await runtime.advance(15_000)
  }
  expect(near.readyState).toBe(near.OPEN)
})

test('nothing is pinged any more once it is stopped', async () => {
  const { runtime, near } = await connected()
  const stop = keepAlive(near, runtime, 15_000)
  await runtime.advance(15_000)
  stop()
  expect(runtime.nextTimerAt()).toBeUndefined()
})

/** Two ends of a socket. */
async function connected(options: { autoPong?: boolean } = {}): Promise<{ runtime: VirtualRuntime; near: WebSocket; far: WebSocket }> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  const address = server.address()
  const far = new WebSocket(`ws://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, options)
  // The server emits what it accepted.
  const [[near]] = (await Promise.all([once(server, 'connection'), once(far, 'open')])) as [[WebSocket], unknown]
  onTestFinished(() => {
    far.terminate()
    near.terminate()
    server.close()
  })
  return { runtime: virtualRuntime(), near, far }
}
