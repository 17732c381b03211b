import { isCountersignError, type JsonValue, memoryStore, type Store, systemRuntime, type Transaction } from '@countersign/core'
import fc from 'fast-check'
import pg from 'pg'
import { expect, test } from 'vitest'
import { createDatabase } from '../../../../tools/postgres-cluster.mjs'
import { openPostgresStore } from './postgres-store.ts'
import { openSqliteStore } from './sqlite-store.ts'

const runtime = systemRuntime()

type Verb = (transaction: Transaction) => Promise<unknown>
interface Unit {
  readonly verbs: readonly Verb[]
  readonly fails: boolean
}

test('any sequence of units gives the same results in memory and in SQLite', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyUnit(), { maxLength: 12 }), async (sequence) => {
      const expected = await play(memoryStore(runtime), sequence)
      const store = await openSqliteStore({ file: ':memory:', runtime })
      expect(await play(store, sequence)).toEqual(expected)
      await store.close()
    }),
    { numRuns: 150, interruptAfterTimeLimit: 6000 },
  )
}, 20_000)

test('any sequence of units gives the same results in memory and in PostgreSQL', async () => {
  const url = await createDatabase()
  const admin = new pg.Client(url)
  const store = await openPostgresStore({ url, runtime })
  await admin.connect()
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(anyUnit(), { maxLength: 12 }), async (sequence) => {
        await admin.query('truncate streams, receipts, steps')
        // Side by side they may come in any order, so here each waits for the one before.
        const expected = await play(memoryStore(runtime), sequence, 1)
        expect(await play(store, sequence, 1)).toEqual(expected)
      }),
      { numRuns: 100, interruptAfterTimeLimit: 6000 },
    )
  } finally {
    await store.close()
    await admin.end()
  }
}, 20_000)

/** Units side by side, in groups; at last the content of all tables. */
async function play(store: Store, sequence: readonly Unit[], groupSize = 3): Promise<unknown> {
  const results: unknown[] = []
  for (let from = 0; from < sequence.length; from += groupSize)
    results.push(...(await Promise.all(sequence.slice(from, from + groupSize).map((each) => run(store, each)))))
  const content = await run(store, { fails: false, verbs: [ask('streams', {}), ask('receipts', {}), ask('steps', {})] })
  return [...results, content]
}

async function run(store: Store, { verbs, fails }: Unit): Promise<unknown> {
  const told: string[] = []
  const stop = store.subscribe('run', (id) => told.push(id))
  const unit = store.transact('unit', async (transaction) => {
    transaction.notify('run', 'done')
    const results: unknown[] = []
    for (const verb of verbs) results.push(await verb(transaction))
    if (fails) throw new Error('on purpose')
    return results
  })
  const result = await unit.catch((error: unknown) => (isCountersignError(error) ? error.code : String(error)))
  stop()
  return result
}

function anyUnit(): fc.Arbitrary<Unit> {
  return fc.record({
    verbs: fc.array(anyVerb(), { minLength: 1, maxLength: 4 }),
    fails: fc.integer({ max: 9 }).map((number) => number === 9),
  })
}

const name = fc.constantFrom('a', 'b', 'c', 'ü', '')
const number = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: -3, max: 3 }) }, { weight: 1, arbitrary: fc.maxSafeInteger() })
const nullable = fc.option(number, { nil: null })
const numberTest = fc.oneof(
  number,
  number.map((above) => ({ above })),
  number.map((atMost) => ({ atMost })),
  number.map((not) => ({ not })),
  fc.array(number, { maxLength: 5 }).map((oneOf) => ({ oneOf })),
)
const nameTest = fc.oneof(
  name,
  name.map((not) => ({ not })),
  fc.array(name, { maxLength: 5 }).map((oneOf) => ({ oneOf })),
)
const streamWhere = fc.record({ id: nameTest, number: numberTest, head: nameTest }, { requiredKeys: [] })
const receiptWhere = fc.record({ id: nameTest, callId: nameTest, usedAt: fc.option(numberTest, { nil: null }) }, { requiredKeys: [] })
const stepWhere = fc.record({ callId: nameTest, name: nameTest, value: fc.constant(null) }, { requiredKeys: [] })
const streamRow = fc.record({ id: name, number, head: name })
const receiptRow = fc.record({ id: name, callId: name, digest: name, approvedBy: name, approvedAt: number, usedAt: nullable })
const stepRow = fc.record({
  callId: name,
  name,
  value: fc
    .jsonValue()
    .map((value) => value as JsonValue)
    .filter((value) => !isAddition(value)),
})
const streamChange = fc.record(
  {
    number: fc.oneof(
      number,
      fc.integer({ min: -2, max: 2 }).map((add) => ({ add })),
    ),
    head: name,
  },
  { requiredKeys: [] },
)
const receiptChange = fc.record({ callId: name, usedAt: nullable }, { requiredKeys: [] })

function anyVerb(): fc.Arbitrary<Verb> {
  return fc.oneof(
    fc.array(streamRow, { maxLength: 3 }).map(
      (rows): Verb =>
        (transaction) =>
          transaction.insert('streams', ...rows),
    ),
    receiptRow.map(
      (row): Verb =>
        (transaction) =>
          transaction.insert('receipts', row),
    ),
    stepRow.map(
      (row): Verb =>
        (transaction) =>
          transaction.insert('steps', row),
    ),
    streamWhere.map((where) => ask('streams', where)),
    receiptWhere.map((where) => ask('receipts', where)),
    stepWhere.map((where) => ask('steps', where)),
    fc.tuple(streamWhere, streamChange).map(
      ([where, change]): Verb =>
        (transaction) =>
          transaction.update('streams', where, change),
    ),
    fc.tuple(receiptWhere, receiptChange).map(
      ([where, change]): Verb =>
        (transaction) =>
          transaction.update('receipts', where, change),
    ),
    fc.tuple(stepWhere, stepRow).map(
      ([where, { value }]): Verb =>
        (transaction) =>
          transaction.update('steps', where, { value }),
    ),
    fc.tuple(name, streamWhere, streamChange).map(
      ([id, where, change]): Verb =>
        (transaction) =>
          transaction.updateOne('streams', { ...where, id }, change),
    ),
    fc.tuple(name, receiptChange).map(
      ([callId, change]): Verb =>
        (transaction) =>
          transaction.updateOne('receipts', { callId }, change),
    ),
    streamWhere.map(
      (where): Verb =>
        (transaction) =>
          transaction.remove('streams', where),
    ),
    receiptWhere.map(
      (where): Verb =>
        (transaction) =>
          transaction.remove('receipts', where),
    ),
    fc.tuple(fc.constantFrom('id', 'number'), fc.boolean(), fc.nat(4)).map(([orderBy, descending, limit]): Verb => async (transaction) => {
      // Rows of equal numbers come in any order, so only what was ordered by is compared.
      const rows = await transaction.find('streams', {}, { orderBy: orderBy === 'id' ? 'id' : 'number', descending, limit })
      return rows.map((row) => (orderBy === 'id' ? row.id : row.number))
    }),
  )
}

/** Rows without an order are compared as a set. */
function ask(table: 'streams' | 'receipts' | 'steps', where: object): Verb {
  return async (transaction) => {
    const rows: readonly unknown[] = await transaction.find(table, where)
    return rows.map((row) => JSON.stringify(row, Object.keys(row as object).toSorted())).toSorted()
  }
}

function isAddition(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'add' in value
}
