import { describe, expect, test } from 'vitest'
import { postgresCompiler, sqliteCompiler } from './sql-compiler.ts'
import { sqlTable } from './sql-table.ts'
import { type Request, bind, compile } from './statements.ts'

const streams = sqlTable('streams')
const steps = sqlTable('steps')
const receipts = sqlTable('receipts')

const requests: readonly (readonly [string, Request])[] = [
  ['insert of two rows', { verb: 'insert', table: steps, rows: [step('a', { b: 1 }), step('b', null)] }],
  [
    'find by every kind of test',
    { verb: 'find', table: streams, where: { id: { oneOf: ['a', 'b', 'c'] }, number: { above: 1 }, head: { not: 'x' } } },
  ],
  [
    'find in order, limited',
    { verb: 'find', table: receipts, where: { usedAt: null, approvedAt: { atMost: 9 } }, orderBy: 'usedAt', descending: true, limit: 3 },
  ],
  ['find nothing', { verb: 'find', table: streams, where: { id: { oneOf: [] } } }],
  ['update with an addition', { verb: 'update', table: streams, where: { id: 'a', number: 2 }, change: { number: { add: 1 }, head: 'y' } }],
  ['updateOne by key', { verb: 'updateOne', table: steps, where: { callId: 'c', name: 'n' }, change: { value: [1] } }],
  ['updateOne by a test that several may pass', { verb: 'updateOne', table: steps, where: { callId: 'c' }, change: { value: null } }],
  ['update of nothing', { verb: 'update', table: streams, where: {}, change: {} }],
  ['remove', { verb: 'remove', table: streams, where: { id: 'a' } }],
]

describe.each(requests)('%s', (_name, request) => {
  test('is bound with the values, in the order, of its SQL in both dialects', () => {
    const { parameters } = bind(request)
    expect(compile(sqliteCompiler, request).parameters).toEqual(parameters)
    expect(compile(postgresCompiler, request).parameters).toEqual(parameters)
  })
})

test('requests that differ only in values share a key; others do not', () => {
  const key = (where: object, rest: object = {}) =>
    bind({ verb: 'find', table: streams, where: where as Record<string, unknown>, ...rest }).key
  expect(key({ id: 'a', number: { above: 1 } })).toBe(key({ id: 'b', number: { above: 2 } }))
  expect(key({ id: { oneOf: ['a', 'b', 'c'] } })).toBe(key({ id: { oneOf: ['a', 'b', 'c', 'd'] } }))
  const keys = [
    key({}),
    key({ id: 'a' }),
    key({ number: 1 }),
    key({ number: { not: 1 } }),
    key({ number: { above: 1 } }),
    key({ number: { atMost: 1 } }),
    key({ number: null }),
    key({ number: 'x' }),
    key({ number: { oneOf: [1] } }),
    key({ number: { oneOf: [1, 2] } }),
    key({ id: 'a' }, { limit: 1 }),
    key({ id: 'a' }, { orderBy: 'id' }),
    key({ id: 'a' }, { orderBy: 'id', descending: true }),
  ]
  expect(new Set(keys).size).toBe(keys.length)
})

test('a JSON column cannot be asked, an unknown column neither', () => {
  const ask = (where: Record<string, unknown>) => () => bind({ verb: 'find', table: steps, where })
  expect(ask({ value: 'x' })).toThrow('cannot be asked')
  expect(ask({ nme: 'x' })).toThrow('no column "nme"')
})

function step(name: string, value: unknown) {
  return { callId: 'c', name, value }
}
