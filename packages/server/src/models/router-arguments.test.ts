import type { JsonObject } from '@countersign/core'
import { expect, test } from 'vitest'
import { findArguments } from './router-arguments.ts'

function read(question: string, properties: JsonObject): JsonObject {
  return findArguments({ type: 'object', properties }, question).input
}

const text = { type: 'string' }
const number = { type: 'number' }

test.each<[string, JsonObject, JsonObject]>([
  ['Pay $1,200.50', { amount: number }, { amount: 1200.5 }],
  ['Pay 1.200,50 €', { amount: number }, { amount: 1200.5 }],
  ['Pay 12,5 euros', { amount: number }, { amount: 12.5 }],
  ['A budget of £3k in room 4', { budget: number, room: { type: 'integer' } }, { budget: 3000, room: 4 }],
  ['at 5pm on 2026-11-24, version 1.2.3, 10.0.0.1', { amount: number }, {}],
  ['Set the limit to 5 and the size to 7', { limit: number, size: number }, { limit: 5, size: 7 }],
  ['limit 5 size 7', { limit: number, size: number }, { limit: 5, size: 7 }],
  ['Take 99', { count: { type: 'integer', maximum: 10 } }, {}],
  ['Open the in-progress ones', { state: { type: 'string', enum: ['open', 'in_progress', 'closed'] } }, {}],
  ['Show the in progress ones', { state: { type: 'string', enum: ['open', 'in_progress', 'closed'] } }, { state: 'in_progress' }],
  ['An urgent message', { urgent: { type: 'boolean' }, silent: { type: 'boolean' } }, { urgent: true }],
  [
    'Write to a@b.example and c@d.example',
    { to: { type: 'array', items: { type: 'string', format: 'email' } } },
    { to: ['a@b.example', 'c@d.example'] },
  ],
  ['Write to a@b.example or c@d.example', { to: { type: 'string', format: 'email' } }, {}],
  ['See https://example.com/a?b=c.', { link: { type: 'string', format: 'uri' } }, { link: 'https://example.com/a?b=c' }],
  ['At 2026-11-24T10:00:00Z', { at: { type: 'string', format: 'date-time' } }, { at: '2026-11-24T10:00:00Z' }],
  ['Where is ORD-1234?', { order_id: text }, { order_id: 'ORD-1234' }],
  ['Where is order AB12?', { code: { type: 'string', pattern: '^[A-Z]{2}\\d{2}$' } }, { code: 'AB12' }],
  ['Where is order AB12?', { code: { type: 'string', pattern: '(' } }, {}],
  ['Read /etc/hosts', { path: text }, { path: '/etc/hosts' }],
  ['Search report.pdf for unpaid invoices.', { file: text, query: text }, { file: 'report.pdf', query: 'unpaid invoices' }],
  ['Run ls -la', { command: text }, { command: 'ls -la' }],
  ['Weather in New York, please', { city: text }, { city: 'New York' }],
  ['Add a user named Ada Lovelace', { user_name: text }, { user_name: 'Ada Lovelace' }],
  ['Pay Bob and Alice', { recipient: text }, {}],
  ['Note "milk" and "bread"', { note: text }, {}],
  ["Note 'more milk'", { note: text }, { note: 'more milk' }],
  ['Say "hi" with title "Greeting"', { title: text, body: text }, { title: 'hi', body: 'Greeting' }],
  ['Nothing in here', { a: text, b: number, c: { type: 'object' }, d: { type: 'array' } }, {}],
])('%s', (question, properties, expected) => {
  expect(read(question, properties)).toEqual(expected)
})

test('what is given already is neither looked for nor missing', () => {
  const schema = { type: 'object', properties: { id: text, to: text }, required: ['id', 'to'] }
  expect(findArguments(schema, 'Send ORD-1 to Bob', ['id'])).toMatchObject({ input: { to: 'Bob' }, missing: [] })
  expect(findArguments(schema, 'hello').missing).toEqual(['id', 'to'])
})
