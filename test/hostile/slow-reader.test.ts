import { once } from 'node:events'
import { expect, test } from 'vitest'
import { type ChatClient, isCaughtUp, openChat } from './chat-client.ts'
import { hostileStage, type Stage } from './hostile-stage.ts'
import { words } from './obedient-parts.ts'

const MIB = 1024 * 1024
/** More than lies between two sockets of one machine, whatever they leave unread. */
const TURNS = 24
const limits = { max_unread_bytes: MIB, max_messages_per_10_seconds: 1_000 }

test('a live client that does not read is let go of after a grace, gets everything when it is back, and slows nobody', async () => {
  const stage = await hostileStage({ limits: { ...limits, close_timeout_seconds: 0.2 } })
  const cookie = await stage.newCookie()
  const stalled = await openChat(stage, { cookie, conversationId: 'c' })
  await stalled.turn('hello', 'm0')
  stalled.socket.pause()
  const reader = await talkMuch(stage, cookie)
  await stage.logged('socket closed')
  const bystander = await openChat(stage, { cookie: await stage.newCookie(), conversationId: 'd' })
  expect(await bystander.turn('hello', 'm1')).toBe('You said: hello')
  stalled.socket.resume()
  await stalled.closed
  const seen = stalled.events.map(({ seq }) => seq)
  const back = await openChat(stage, { cookie, conversationId: 'c', lastSeq: seen.at(-1) ?? 0 })
  const { seq: last } = await back.until(isCaughtUp)
  expect(last).toBe(reader.events.at(-1)?.seq)
  expect([...seen, ...back.events.map(({ seq }) => seq)]).toEqual(Array.from({ length: last }, (_, at) => at + 1))
}, 20_000)

test('a live client that reads too late learns why it was let go of, and is not listened to before it comes again', async () => {
  const stage = await hostileStage({ limits })
  const cookie = await stage.newCookie()
  const slow = await openChat(stage, { cookie, conversationId: 'c' })
  slow.socket.pause()
  const reader = await talkMuch(stage, cookie)
  slow.say('not heard any more', 'm-late')
  slow.socket.resume()
  expect(await slow.closed).toBe(1013)
  expect(await reader.turn('hello', 'm-last')).toBe('You said: hello')
  expect(reader.events.flatMap(({ event }) => (event.type === 'run-start' ? [event.messageId] : []))).not.toContain('m-late')
}, 20_000)

test('a client that catches up on more than it may leave unread is waited for, however it pauses', async () => {
  const stage = await hostileStage({ limits })
  const cookie = await stage.newCookie()
  const reader = await talkMuch(stage, cookie)
  const late = await openChat(stage, { cookie, conversationId: 'c', lastSeq: 0 })
  await once(late.socket, 'message')
  late.socket.pause()
  expect(await reader.turn('hello', 'm-last')).toBe('You said: hello')
  late.socket.resume()
  const { seq: last } = await late.until(isCaughtUp)
  expect(last).toBe(reader.events.at(-1)?.seq)
  expect(late.events.map(({ seq }) => seq)).toEqual(Array.from({ length: last }, (_, at) => at + 1))
}, 20_000)

/** Another tab of the same person makes the conversation long. */
async function talkMuch(stage: Stage, cookie: string): Promise<ChatClient> {
  const reader = await openChat(stage, { cookie, conversationId: 'c' })
  for (let turn = 1; turn <= TURNS; turn += 1) await reader.turn(words.talk(16), `m${turn}`)
  return reader
}
