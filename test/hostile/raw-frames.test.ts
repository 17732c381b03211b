import { expect, test } from 'vitest'
import { openChat } from './chat-client.ts'
import { hostileStage } from './hostile-stage.ts'
import { closeCodeIn, frameBytes, rawSocket } from './raw-socket.ts'

const hugeLength = Buffer.from([0x81, 0xff, 0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4])
const fragments = Array.from({ length: 20_000 }, (_, at) => frameBytes('x', { opcode: at === 0 ? 1 : 0, isFinal: false }))

const violations: readonly (readonly [string, number, Buffer])[] = [
  ['a frame that is not masked', 1002, frameBytes('{}', { isMasked: false })],
  ['reserved bits', 1002, frameBytes('{}', { reserved: 1 })],
  ['the bit that says compressed', 1002, frameBytes('{}', { reserved: 4 })],
  ['an opcode that nobody has', 1002, frameBytes('{}', { opcode: 3 })],
  ['a control opcode that nobody has', 1002, frameBytes('', { opcode: 11 })],
  ['a continuation of nothing', 1002, frameBytes('{}', { opcode: 0 })],
  ['a message inside a message', 1002, Buffer.concat([frameBytes('{', { isFinal: false }), frameBytes('}')])],
  ['a ping in pieces', 1002, frameBytes('', { opcode: 9, isFinal: false })],
  ['a ping that is too long', 1002, frameBytes('x'.repeat(126), { opcode: 9 })],
  ['a close code of one byte', 1002, frameBytes(Buffer.from([3]), { opcode: 8 })],
  ['a close code that may not be sent', 1002, frameBytes(closing(1006), { opcode: 8 })],
  ['a close code below all', 1002, frameBytes(closing(999), { opcode: 8 })],
  ['text that is no UTF-8', 1007, frameBytes(Buffer.from([0xc3, 0x28]))],
  ['an overlong slash', 1007, frameBytes(Buffer.from([0xc0, 0xaf]))],
  ['half a character', 1007, frameBytes(Buffer.from([0xed, 0xa0, 0x80]))],
  ['a reason that is no UTF-8', 1007, frameBytes(Buffer.concat([closing(1000), Buffer.from([0xff])]), { opcode: 8 })],
  ['a promise of 2⁵³ bytes', 1009, hugeLength],
  ['20,000 fragments', 1008, Buffer.concat(fragments)],
]

test('what breaks the protocol closes its socket with the code for it, and nobody else’s', async () => {
  const stage = await hostileStage()
  const chat = await openChat(stage, { cookie: await stage.newCookie(), conversationId: 'c' })
  const codes = violations.map(async ([name, , bytes]) => {
    const raw = await rawSocket(stage.port)
    raw.send(bytes)
    return [name, closeCodeIn(await raw.until((received) => closeCodeIn(received) !== undefined))]
  })
  expect(await Promise.all(codes)).toEqual(violations.map(([name, code]) => [name, code]))
  expect(await chat.turn('hello', 'm1')).toBe('You said: hello')
  expect(await stage.isHealthy()).toBe(true)
}, 20_000)

test('a peer that does not take its leave is let go of all the same', async () => {
  const stage = await hostileStage({ limits: { close_timeout_seconds: 0.2, max_messages_per_10_seconds: 1 } })
  const raw = await rawSocket(stage.port)
  raw.send(Buffer.concat(Array.from({ length: 3 }, () => frameBytes('{}'))))
  expect(closeCodeIn(await raw.ended)).toBe(1008)
})

test('what comes behind a violation, or on a socket that we have closed, is not listened to', async () => {
  const stage = await hostileStage({ limits: { max_messages_per_10_seconds: 1 } })
  const raw = await rawSocket(stage.port, {}, '?conversation_id=c')
  const message = JSON.stringify({ type: 'user_message', schema_type: 'chat', content: { messages: [] } })
  raw.send(Buffer.concat([frameBytes('{}', { isMasked: false }), frameBytes(message)]))
  const received = await raw.ended
  expect(received.toString('latin1')).not.toContain('error_message')
  const flood = await rawSocket(stage.port, {}, '?conversation_id=c')
  flood.send(Buffer.concat(Array.from({ length: 20 }, () => frameBytes(message))))
  const answers = (await flood.until((bytes) => closeCodeIn(bytes) === 1008)).toString('latin1')
  expect(answers.match(/Too many messages/g)).toHaveLength(1)
})

function closing(code: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(code)
  return bytes
}
