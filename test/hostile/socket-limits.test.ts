import type { IncomingMessage } from 'node:http'
import type { ErrorMessage } from '@countersign/core/protocol'
import { expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import { type ChatClient, chatSocket, isError, isEvent, openChat } from './chat-client.ts'
import { hostileStage, type Stage } from './hostile-stage.ts'
import { words } from './obedient-parts.ts'
import { handshake, rawConnection } from './raw-connection.ts'
import { closeCodeIn, frameBytes, rawSocket } from './raw-socket.ts'

const KIB = 1024

test('a frame over the soft limit is refused and the socket stays; one over the hard limit closes it with 1009', async () => {
  const stage = await hostileStage({ limits: { max_frame_bytes: 2 * KIB, max_payload_bytes: 8 * KIB } })
  const chat = await openChat(stage, { cookie: await stage.newCookie(), conversationId: 'c' })
  const refused = await chat.refusalOf('x'.repeat(2 * KIB + 1))
  expect(refused.content).toEqual({ code: 'invalid_message', message: 'InvalidMessage', details: 'a frame may have 2048 bytes' })
  expect(await chat.turn('hello', 'm1')).toBe('You said: hello')
  chat.send('x'.repeat(8 * KIB + 1))
  expect(await chat.closed).toBe(1009)
})

test('a session has so many sockets, another one has its own, and a place that was given back can be taken', async () => {
  const stage = await hostileStage({ limits: { max_sockets_per_session: 2 } })
  const cookie = await stage.newCookie()
  const [first] = await Promise.all(['a', 'b'].map((conversationId) => openChat(stage, { cookie, conversationId })))
  const refusal = await refusedWith(chatSocket(stage.origin, { cookie, conversationId: 'c' }))
  expect([refusal.statusCode, refusal.headers['retry-after']]).toEqual([429, '10'])
  const other = await openChat(stage, { cookie: await stage.newCookie(), conversationId: 'd' })
  expect(await other.turn('hello', 'm1')).toBe('You said: hello')
  first?.socket.close()
  expect(await first?.closed).toBe(1005)
  const again = await openChat(stage, { cookie, conversationId: 'c' })
  expect(await again.turn('hello', 'm1')).toBe('You said: hello')
})

test('a handshake that comes to nothing takes no place', async () => {
  const stage = await hostileStage({ limits: { max_sockets_per_session: 1 } })
  const cookie = await stage.newCookie()
  const broken = (await rawConnection(stage.port)).send(handshake(stage.port, { cookie, 'sec-websocket-key': 'short' }))
  expect(await broken.status()).toBe(400)
  const chat = await openChat(stage, { cookie, conversationId: 'c' })
  expect(await chat.turn('hello', 'm1')).toBe('You said: hello')
})

test('when all sockets are taken a newcomer is sent away, before a session is made for it', async () => {
  const stage = await hostileStage({ limits: { max_sockets: 1 } })
  await openChat(stage, { cookie: await stage.newCookie(), conversationId: 'c' })
  const before = await sessionCount(stage)
  const refusal = await refusedWith(chatSocket(stage.origin, { cookie: '', conversationId: 'd' }))
  expect([refusal.statusCode, refusal.headers['retry-after'], refusal.headers['set-cookie']]).toEqual([503, '10', undefined])
  expect(await sessionCount(stage)).toBe(before)
})

test('too many messages are refused; one session’s flood is closed with 1008 and is no other’s trouble', async () => {
  const stage = await hostileStage({ limits: { max_messages_per_10_seconds: 5 } })
  const flooder = await openChat(stage, { cookie: await stage.newCookie(), conversationId: 'c' })
  const bystander = await openChat(stage, { cookie: await stage.newCookie(), conversationId: 'd' })
  for (let count = 0; count < 5; count += 1) flooder.send('[]')
  const refused = await refusalAfter(flooder, () => flooder.say('now?', 'm1'))
  expect(refused.content.details).toBe('Too many messages: 5 in ten seconds are taken. Wait a little, and send this again.')
  expect(flooder.frames.filter(isError)).toHaveLength(6)
  for (let count = 0; count < 5; count += 1) flooder.send('[]')
  expect(await flooder.closed).toBe(1008)
  expect(flooder.events).toEqual([])
  expect(await bystander.turn('hello', 'm1')).toBe('You said: hello')
})

test.each([
  ['pings', 9],
  ['pongs', 10],
])('a flood of %s is closed with 1008', async (_name, opcode) => {
  const stage = await hostileStage({ limits: { max_messages_per_10_seconds: 5 } })
  const flood = await rawSocket(stage.port)
  for (let count = 0; count < 6; count += 1) flood.send(frameBytes('', { opcode }))
  // A pong for each ping would be one more thing to flood with.
  for (let count = 0; count < 6; count += 1) flood.send(frameBytes('', { opcode }))
  expect(closeCodeIn(await flood.until((bytes) => closeCodeIn(bytes) !== undefined))).toBe(1008)
})

test('who has too many questions open is asked to answer first; an answer makes room', async () => {
  const stage = await hostileStage({ limits: { max_open_questions: 2 } })
  const chat = await openChat(stage, { cookie: await stage.newCookie(), conversationId: 'a' })
  const asked = async (conversationId: string): Promise<string> => {
    const from = chat.frames.length
    chat.say(words.ask, `m-${conversationId}`, conversationId)
    const { event } = await chat.until(isEvent('interaction-open'), from)
    return event.type === 'interaction-open' ? event.interaction.id : ''
  }
  const first = await asked('a')
  await asked('b')
  const refused = await refusalAfter(chat, () => chat.say(words.ask, 'm-c', 'c'))
  expect([refused.parent_id, refused.content.details]).toEqual([
    'm-c',
    'You have too many questions open in other conversations. Answer or cancel one of them first.',
  ])
  // Where a question is open one may always speak: that ends it.
  expect(await chat.turn('never mind', 'm-b2')).toBe('You said: never mind')
  chat.answer(first, 'red', 'a')
  await asked('c')
})

test('who has begun too many conversations in a day goes on in one of them, and others begin theirs', async () => {
  const stage = await hostileStage({ limits: { max_new_conversations_per_day: 2 } })
  const chat = await openChat(stage, { cookie: await stage.newCookie(), conversationId: 'a' })
  expect(await chat.turn('one', 'm1')).toBe('You said: one')
  for (const conversationId of ['b', 'b']) chat.say('two', 'm2', conversationId)
  const refused = await refusalAfter(chat, () => chat.say('three', 'm3', 'c'))
  expect([refused.parent_id, refused.content.details]).toEqual([
    'm3',
    'You have begun as many conversations today as you may. Go on in one of them.',
  ])
  expect(await chat.turn('four', 'm4')).toBe('You said: four')
  const other = await openChat(stage, { cookie: await stage.newCookie(), conversationId: 'd' })
  expect(await other.turn('five', 'm5')).toBe('You said: five')
})

test('a peer that shows no sign of life is found within three beats, and one that does is kept', async () => {
  const stage = await hostileStage({ limits: { heartbeat_seconds: 0.1 } })
  const chat = await openChat(stage, { cookie: await stage.newCookie(), conversationId: 'c' })
  const dead = await rawSocket(stage.port)
  const silence = await dead.ended
  expect(closeCodeIn(silence)).toBeUndefined()
  expect(chat.socket.readyState).toBe(chat.socket.OPEN)
  expect(await chat.turn('hello', 'm1')).toBe('You said: hello')
})

async function refusedWith(socket: WebSocket): Promise<IncomingMessage> {
  socket.on('error', () => undefined)
  return new Promise((resolve) => socket.once('unexpected-response', (_request, response) => resolve(response)))
}

function refusalAfter(chat: ChatClient, act: () => void): Promise<ErrorMessage> {
  const from = chat.frames.length
  act()
  return chat.until((frame): frame is ErrorMessage => isError(frame) && /^(?:Too|You)/.test(frame.content.details), from)
}

async function sessionCount({ server }: Stage): Promise<number> {
  const rows = await server.store.transact('count', (transaction) => transaction.find('sessions', {}))
  return rows.length
}
