import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_FRAME_BYTES, parseClientFrame } from './parse-client-frame.ts'

const message = {
  type: 'user_message',
  schema_type: 'chat_stream',
  id: 'm1',
  conversation_id: 'c1',
  content: { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] },
}

test('a message as the toolkit sends it is read, whatever else it carries', () => {
  const parsed = parseClientFrame(JSON.stringify({ ...message, tenant_id: 't', user: { name: 'Ada', email: 'a@b.c' } }))
  expect(parsed).toMatchObject({ frame: { type: 'user_message', id: 'm1', conversation_id: 'c1' } })
})

describe('a bad frame is named by its code', () => {
  test.each([
    ['no JSON', '{', 'invalid_message'],
    ['an array', '[]', 'invalid_message'],
    ['null', 'null', 'invalid_message'],
    ['binary', new ArrayBuffer(3), 'invalid_message'],
    ['too large', JSON.stringify({ type: 'x'.repeat(MAX_FRAME_BYTES) }), 'invalid_message'],
    ['too deep', `${'['.repeat(65)}${']'.repeat(65)}`, 'invalid_message'],
    ['a forbidden key', '{"type":"user_message","__proto__":{"a":1}}', 'invalid_message'],
    ['no type', '{}', 'invalid_message_type'],
    ['an unknown type', '{"type":"toString"}', 'invalid_message_type'],
    ['a type of the server', '{"type":"system_response_message"}', 'invalid_message_type'],
    ['wrong content', JSON.stringify({ ...message, content: 'Hi' }), 'invalid_user_message_content'],
    ['a wrong schema type', JSON.stringify({ ...message, schema_type: 'x' }), 'invalid_message'],
  ])('%s', (_what, data, code) => {
    expect(parseClientFrame(data)).toMatchObject({ code })
  })
})

test('the refused frame is named by its id', () => {
  expect(parseClientFrame(JSON.stringify({ ...message, content: 3 }))).toMatchObject({ parentId: 'm1' })
})

test('text that a database cannot keep is made so that it can', () => {
  const content = { messages: [{ role: 'user', content: [{ type: 'text', text: 'a\u0000b\ud800c' }] }] }
  const parsed = parseClientFrame(JSON.stringify({ ...message, content }))
  expect(JSON.stringify(parsed)).toContain('ab\ufffdc')
})

test('nothing that is sent makes it throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), fc.anything()), (data) => {
      const parsed = parseClientFrame(data)
      return 'frame' in parsed || parsed.problem.length > 0
    }),
    { numRuns: 2_000 },
  )
})
