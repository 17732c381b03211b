import { clientFrames } from '@countersign/core/protocol/schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseClientFrame } from './parse-client-frame.ts'

const MAX_BYTES = 4_096
const parse = (data: unknown): ReturnType<typeof parseClientFrame> => parseClientFrame(data, MAX_BYTES)

const message = {
  type: 'user_message',
  schema_type: 'chat_stream',
  id: 'm1',
  conversation_id: 'c1',
  content: { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] },
}

test('a message as the toolkit sends it is read, whatever else it carries', () => {
  const parsed = parse(JSON.stringify({ ...message, tenant_id: 't', user: { name: 'Ada', email: 'a@b.c' } }))
  expect(parsed).toMatchObject({ frame: { type: 'user_message', id: 'm1', conversation_id: 'c1' } })
})

describe('a bad frame is named by its code', () => {
  test.each([
    ['no JSON', '{', 'invalid_message'],
    ['an array', '[]', 'invalid_message'],
    ['null', 'null', 'invalid_message'],
    ['binary', new ArrayBuffer(3), 'invalid_message'],
    ['too large', JSON.stringify({ type: 'x'.repeat(MAX_BYTES) }), 'invalid_message'],
    ['too deep', `${'['.repeat(65)}${']'.repeat(65)}`, 'invalid_message'],
    ['a forbidden key', '{"type":"user_message","__proto__":{"a":1}}', 'invalid_message'],
    ['no type', '{}', 'invalid_message_type'],
    ['an unknown type', '{"type":"toString"}', 'invalid_message_type'],
    ['a type of the server', '{"type":"system_response_message"}', 'invalid_message_type'],
    ['wrong content', JSON.stringify({ ...message, content: 'Hi' }), 'invalid_user_message_content'],
    ['a wrong schema type', JSON.stringify({ ...message, schema_type: 'x' }), 'invalid_message'],
  ])('%s', (_what, data, code) => {
    expect(parse(data)).toMatchObject({ code })
  })
})

test('the refused frame is named by its id', () => {
  expect(parse(JSON.stringify({ ...message, content: 3 }))).toMatchObject({ parentId: 'm1' })
})

test('text that a database cannot keep is made so that it can', () => {
  const content = { messages: [{ role: 'user', content: [{ type: 'text', text: 'a\u0000b\ud800c' }] }] }
  const parsed = parse(JSON.stringify({ ...message, content }))
  expect(JSON.stringify(parsed)).toContain('ab\ufffdc')
})

/** What a frame could hold where it should hold something else. */
const anything = fc.oneof(
  fc.constantFrom(
    null,
    '',
    'default',
    'user_message',
    '__proto__',
    '\u0000',
    '\ud800',
    -1,
    1e308,
    [],
    {},
    message.content,
    'x'.repeat(250),
  ),
  fc.jsonValue({ maxDepth: 3 }),
)
const keys = [
  'type',
  'schema_type',
  'id',
  'conversation_id',
  'thread_id',
  'interaction_id',
  'action',
  'answer',
  'reason',
  'content',
  'last_seq',
  'payload',
]
/** Frames of each type, with some of their members replaced: most are nearly right. */
const nearlyFrames = fc
  .tuple(
    fc.constantFrom(...Object.keys(clientFrames)),
    fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string()), anything, { maxKeys: 4 }),
  )
  .map(([type, changes]) => JSON.stringify({ ...message, payload: {}, last_seq: 1, type, ...changes }))
/** The text of a frame with a piece cut out, doubled or replaced. */
const brokenTexts = fc
  .tuple(
    nearlyFrames,
    fc.nat(),
    fc.nat(20),
    fc.oneof(fc.string({ unit: 'binary', maxLength: 8 }), fc.constantFrom('[', '{"a":', ',', '\\ud800', '"__proto__":1,')),
    fc.nat(100),
  )
  .map(
    ([text, at, length, piece, times]) => text.slice(0, at % text.length) + piece.repeat(times) + text.slice((at % text.length) + length),
  )

test('whatever is sent, it throws nothing and gives a frame as the schema has it, or a short sentence in ASCII', () => {
  fc.assert(
    fc.property(fc.oneof(nearlyFrames, brokenTexts, fc.string(), fc.json(), fc.anything()), (data) => {
      const parsed = parse(data)
      const frame = 'frame' in parsed ? parsed.frame : undefined
      const { problem, parentId = 'none' } = 'frame' in parsed ? { problem: 'none' } : parsed
      expect(frame && clientFrames[frame.type].parse(frame)).toEqual(frame)
      expect(JSON.stringify({ frame })).not.toMatch(/"__proto__":|\\u0000|\\ud8/)
      expect(problem).toMatch(/^[\x20-\x7e]{1,200}$/)
      expect(parentId).toMatch(/^[^\p{Cc}\p{Cs}]{1,200}$/u)
    }),
    { numRuns: 5_000 },
  )
})
