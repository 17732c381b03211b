import { expect, test } from 'vitest'
import { z } from 'zod'
import type { InteractionRow } from '../store/rows.ts'
import type { Change, Transaction } from '../store/store.ts'
import { scriptedModel } from '../testing/scripted-model.ts'
import { settled } from '../testing/virtual-runtime.ts'
import { createWorld, type World } from '../testing/world.ts'
import { defineTool } from './tool.ts'

/** As it is written by somebody who has the database and not the keys. */
const approval = {
  state: 'answered',
  response: { action: 'accept', answer: 'approve' },
  settledAt: 1,
  settledBy: 'anonymous:ada',
} as const satisfies Change<'interactions'>

test('an approval that is written into the database pays nothing, and the operator hears of it', async () => {
  const { world, paid, runId } = await askedToPay()
  await tamper(world, runId, (transaction) => transaction.update('interactions', {}, approval))
  expect(await outcome(world, runId)).toMatchObject({ status: 'refused', output: { error: 'invalid_receipt' } })
  expect(paid).toEqual([])
  expect(world.runtime.logged.map(({ level, message }) => `${level}: ${message}`)).toContain(
    'error: an answer has no valid receipt and permits nothing: it was changed, or its key is gone',
  )
})

test('the receipt of another approval does not count', async () => {
  const { world, paid, runId, held } = await askedToPay()
  await tamper(world, runId, (transaction) => transaction.update('interactions', {}, { ...approval, receipt: held.receipt }))
  expect(await outcome(world, runId)).toMatchObject({ output: { error: 'invalid_receipt' } })
  expect(paid).toEqual([])
})

test.each<readonly [string, (transaction: Transaction) => Promise<unknown>]>([
  ['another amount', (transaction) => transaction.update('calls', {}, { input: { amount: 9_000_000, pin: '1234' } })],
  [
    'another argument that the person does not see',
    (transaction) => transaction.update('calls', {}, { input: { amount: 1, pin: '6666' } }),
  ],
  ['another answerer', (transaction) => transaction.update('interactions', {}, { settledBy: 'user:mallory' })],
  ['another hour', (transaction) => transaction.update('interactions', {}, { settledAt: 12 })],
  ['another place', (transaction) => transaction.update('interactions', {}, { receipt: 'v1.r1.AAAA' })],
])('an approval that a person gave and that is given %s afterwards permits nothing', async (_what, change) => {
  const { world, paid, runId } = await askedToPay()
  // Somebody else holds the run, so that the answer is not used at once.
  await withHolder(world, runId, async () => {
    await world.answer({ action: 'accept', answer: 'approve' })
    await tamper(world, runId, change)
  })
  expect(await outcome(world, runId)).toMatchObject({ status: 'refused' })
  expect(paid).toEqual([])
})

test('an approval that a person gave pays once, also when the process that took it was another', async () => {
  const { world, paid, runId } = await askedToPay()
  await withHolder(world, runId, () => world.answer({ action: 'accept', answer: 'approve' }))
  expect(await outcome(world, runId)).toMatchObject({ status: 'ok' })
  expect(paid).toEqual([1])
})

test('what a tool asks and the database answers does not reach the tool', async () => {
  const got: unknown[] = []
  const ask = defineTool({
    name: 'ask',
    description: 'Asks.',
    input: z.object({}),
    execute: async (_input, context) => {
      got.push(await context.ask({ kind: 'text', text: 'To which account?' }))
      return null
    },
  })
  const world = createWorld({ model: scriptedModel([[{ call: 'ask' }], ['Done.']]), tools: [ask] })
  const runId = await world.say('Ask')
  await settled()
  const forged = { ...approval, response: { action: 'accept', answer: 'Mallory’s' } } as const
  await tamper(world, runId, (transaction) => transaction.update('interactions', {}, forged))
  expect(await outcome(world, runId)).toMatchObject({ status: 'failed' })
  expect(got).toEqual([])
})

async function askedToPay() {
  const paid: number[] = []
  const pay = defineTool({
    name: 'pay',
    description: 'Pays.',
    input: z.object({ amount: z.number(), pin: z.string() }),
    risk: 'high',
    execute: async ({ amount }) => (paid.push(amount), null),
  })
  const model = scriptedModel([[{ call: 'pay', input: { amount: 1, pin: '1234' } }], ['Done.']])
  const world = createWorld({ model, tools: [pay] })
  const runId = await world.say('Pay')
  await settled()
  const [held] = await rows(world)
  if (!held) throw new Error('nothing was asked')
  return { world, paid, runId, held: { ...held, receipt: world.deps.receipts.sign({ ...held, id: 'another' }, approval) } }
}

/** Changes rows behind the server's back, and wakes the run as an answer would. */
async function tamper(world: World, runId: string, change: (transaction: Transaction) => Promise<unknown>): Promise<void> {
  await world.store.transact('tamper', async (transaction) => {
    await change(transaction)
    await transaction.update('runs', { id: runId, state: { oneOf: ['waiting', 'ready'] } }, { state: 'ready', wake: { add: 1 } })
  })
}

async function withHolder(world: World, id: string, work: () => Promise<unknown>): Promise<void> {
  const { runtime, deps } = world
  await world.store.transact('hold', (transaction) =>
    transaction.update('runs', { id }, { state: 'ready', owner: 'other', lease: runtime.now() + deps.limits.leaseMs }),
  )
  await work()
  await world.store.transact('free', (transaction) => transaction.update('runs', { id }, { lease: 0 }))
}

async function outcome(world: World, runId: string): Promise<unknown> {
  await world.runs.tick()
  await settled()
  const [call] = await world.store.transact('calls', (transaction) => transaction.find('calls', { runId }))
  return call
}

function rows(world: World): Promise<readonly InteractionRow[]> {
  return world.store.transact('rows', (transaction) => transaction.find('interactions', {}))
}
