import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { Outbox } from './outbox.ts'

const MIB = 1024 * 1024
const frame = { text: 'x'.repeat(64 * 1024) }

test('of what a client does not read no more is kept than the limit, whatever is offered, and it is let go of', async () => {
  const { near, far } = await connected()
  const outbox = new Outbox(near, MIB)
  far.pause()
  let most = 0
  for (let offered = 0; offered < 400; offered += 1) {
    outbox.send(frame)
    most = Math.max(most, near.bufferedAmount)
  }
  expect(most).toBeGreaterThan(MIB / 2)
  // The last word and the frames' own heads come on top.
  expect(most).toBeLessThanOrEqual(MIB + 1_024)
  expect(near.readyState).toBe(near.CLOSING)
  const closed = once(far, 'close')
  far.resume()
  const [code, reason] = await closed
  expect([code, String(reason)]).toEqual([1013, 'slow consumer'])
})

test('a frame that is larger than the limit goes out when nothing lies before it', async () => {
  const { near, far } = await connected()
  const outbox = new Outbox(near, 1_000)
  const came = once(far, 'message')
  outbox.send(frame)
  expect(JSON.parse(String((await came)[0]))).toEqual(frame)
})

test('what can wait waits for room, which there is once the client has read', async () => {
  const { near, far } = await connected()
  const outbox = new Outbox(near, MIB)
  await outbox.room()
  far.pause()
  while (!outbox.isFull) outbox.send(frame)
  const hadRoom = outbox.room().then(() => near.bufferedAmount)
  far.resume()
  expect(await hadRoom).toBeLessThanOrEqual(MIB / 4)
})

test('nobody waits for the room of a client that is gone, and nothing is sent to it', async () => {
  const { near, far } = await connected()
  const outbox = new Outbox(near, MIB)
  far.pause()
  while (!outbox.isFull) outbox.send(frame)
  const room = outbox.room()
  near.terminate()
  await room
  outbox.send(frame)
  expect(outbox.isFull).toBe(false)
})

/** Two ends of a socket. */
async function connected(): Promise<{ near: WebSocket; far: WebSocket }> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
  await once(server, 'listening')
  const address = server.address()
  const far = new WebSocket(`ws://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`)
  // The server emits what it accepted.
  const [[near]] = (await Promise.all([once(server, 'connection'), once(far, 'open')])) as [[WebSocket], unknown]
  onTestFinished(() => {
    far.terminate()
    near.terminate()
    server.close()
  })
  return { near, far }
}
