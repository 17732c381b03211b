import type { ClientFrame, ServerFrame } from '@countersign/core/protocol'
import { expect, test } from 'vitest'
import { started } from '../testing/canned-events.ts'
import { VirtualBrowser } from '../testing/virtual-browser.ts'
import { backoffMs } from './backoff.ts'
import { type Admission, ChatSocket, type ConnectionStatus } from './socket.ts'

const cancel: ClientFrame = { type: 'cancel_message', conversation_id: 'c' }

test('asks for leave, connects with the subprotocol and is open', async () => {
  const { browser, socket } = await connected()
  expect(browser.fetches).toBe(1)
  expect(browser.socket).toMatchObject({ subprotocol: 'countersign.v1', url: 'wss://chat.example/websocket?conversation_id=c&last_seq=0' })
  browser.socket.accept()
  expect(socket.status).toEqual({ state: 'open' })
})

test('what is said before the log was replayed goes out after it, in order and once', async () => {
  const { browser, socket } = await connected()
  socket.send(message('1'))
  socket.send(message('2'))
  browser.socket.accept()
  expect(browser.socket.sent).toEqual([])
  browser.socket.replay([])
  expect(browser.socket.sent.map(idOf)).toEqual(['1', '2'])
})

test('what a lost connection carried goes out again, unless the log showed that it arrived', async () => {
  const { browser, socket } = await connected()
  browser.socket.replay([])
  socket.send(message('1'))
  socket.send(message('2'))
  socket.send(cancel)
  socket.outbox.settle('1')
  browser.socket.lose()
  await later(browser, 1000)
  browser.socket.replay([])
  expect(browser.socket.sent.map(idOf)).toEqual(['2'])
})

test('waits longer after each failure, without end, and starts anew after a success', async () => {
  const { browser, socket } = await connected()
  const waits: number[] = []
  for (let round = 0; round < 10; round += 1) {
    browser.socket.lose()
    waits.push(waitOf(socket.status, browser.now()))
    await later(browser, waits.at(-1) ?? 0)
  }
  expect(waits).toEqual([375, 750, 1500, 3000, 6000, 12_000, 22_500, 22_500, 22_500, 22_500])
  browser.socket.replay([])
  browser.socket.lose(1012)
  expect(socket.status).toMatchObject({ state: 'waiting', attempt: 1 })
})

test('a refused leave is a failure like any other', async () => {
  const browser = new VirtualBrowser()
  browser.isRefusing = true
  const { socket } = await connected(browser)
  expect(browser.sockets).toHaveLength(0)
  expect(socket.status).toMatchObject({ state: 'waiting', attempt: 1 })
  browser.isRefusing = false
  await later(browser, 1000)
  expect(browser.sockets).toHaveLength(1)
})

test('a connection that does not open in time is given up', async () => {
  const { browser, socket } = await connected()
  const first = browser.socket
  await later(browser, 16_000)
  expect(first.isClosed).toBe(true)
  expect(socket.status.state).toBe('connecting')
  expect(browser.sockets).toHaveLength(2)
})

test('"retry now" does not wait, and neither does the network coming back', async () => {
  const { browser, socket } = await connected()
  browser.socket.lose()
  socket.retryNow()
  await later(browser, 0)
  expect(browser.sockets).toHaveLength(2)
  browser.setOnline(false)
  browser.socket.lose()
  expect(socket.status).toMatchObject({ state: 'waiting', isOffline: true })
  browser.setOnline(true)
  await later(browser, 0)
  expect(browser.sockets).toHaveLength(3)
})

test('a connection that was left says nothing more', async () => {
  const { browser, socket, frames } = await connected()
  const old = browser.socket
  old.replay([])
  socket.restart()
  await later(browser, 0)
  old.log([started('late')], { after: 0 })
  old.lose()
  expect(frames.filter(({ type }) => type === 'event_message')).toEqual([])
  expect(socket.status.state).toBe('connecting')
})

test.each(['signed-out', 'sign-in-required'] as const)('who is not admitted (%s) is asked no more until they want to', async (refusal) => {
  const { browser, socket, door } = await connected(new VirtualBrowser(), refusal)
  await later(browser, 600_000)
  expect(browser.sockets).toHaveLength(0)
  expect(socket.status).toEqual({ state: refusal })
  door.admission = 'admitted'
  socket.restart()
  await later(browser, 0)
  expect(browser.sockets).toHaveLength(1)
})

test('when the session is over, it is asked at once who the person is now', async () => {
  const { browser, socket, door } = await connected()
  browser.socket.replay([])
  door.admission = 'signed-out'
  browser.socket.lose(4401)
  await later(browser, 0)
  expect(socket.status).toEqual({ state: 'signed-out' })
  expect(browser.sockets).toHaveLength(1)
})

test('a server that ends every session at once is not pressed', async () => {
  const { browser, socket } = await connected()
  browser.socket.lose(4401)
  await later(browser, 0)
  expect(socket.status).toMatchObject({ state: 'waiting', attempt: 1 })
})

test('noise is not a frame', async () => {
  const { browser, frames } = await connected()
  browser.socket.accept()
  browser.socket.hear('not json')
  browser.socket.hear('{"type":"weather"}')
  browser.socket.hear('null')
  expect(frames).toEqual([])
})

test('stopped means stopped', async () => {
  const { browser, socket } = await connected()
  browser.socket.accept()
  socket.stop()
  await later(browser, 60_000)
  expect(browser.sockets).toHaveLength(1)
  expect(socket.status).toEqual({ state: 'closed' })
})

test('the wait stays within half a minute and its upper half', () => {
  expect(backoffMs(1, 0)).toBe(250)
  expect(backoffMs(1, 1)).toBe(500)
  expect(backoffMs(1000, 1)).toBe(30_000)
})

async function connected(browser = new VirtualBrowser(), admission: Admission = 'admitted') {
  const door = { admission }
  const frames: ServerFrame[] = []
  const socket = new ChatSocket(browser, {
    address: () => 'wss://chat.example/websocket?conversation_id=c&last_seq=0',
    async admit() {
      await browser.fetchJson('https://chat.example/api/me')
      return door.admission
    },
    onFrame: (frame) => frames.push(frame),
    onStatus: () => {},
  })
  socket.start()
  await later(browser, 0)
  return { browser, socket, frames, door }
}

/** Time passes, and then every promise that could settle has settled. */
async function later(browser: VirtualBrowser, ms: number): Promise<void> {
  browser.advance(ms)
  for (let round = 0; round < 10; round += 1) await Promise.resolve()
}

function message(id: string): ClientFrame {
  return { type: 'user_message', schema_type: 'chat_stream', id, conversation_id: 'c', content: { messages: [] } }
}

function idOf(frame: ClientFrame): string {
  return 'id' in frame ? frame.id : frame.type
}

function waitOf(status: ConnectionStatus, now: number): number {
  return status.state === 'waiting' ? status.retryAt - now : Number.NaN
}
