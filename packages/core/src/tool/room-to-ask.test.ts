import { expect, test } from 'vitest'
import { z } from 'zod'
import { scriptedModel } from '../testing/scripted-model.ts'
import { settled } from '../testing/virtual-runtime.ts'
import { createWorld, type World } from '../testing/world.ts'
import { defineTool } from './tool.ts'

const pay = defineTool({
  name: 'pay',
  description: 'Pays.',
  input: z.object({ amount: z.number() }),
  risk: 'high',
  execute: async ({ amount }) => ({ paid: amount }),
})

const paint = defineTool({
  name: 'paint',
  description: 'Asks for a colour and paints.',
  input: z.object({ amount: z.number() }),
  async execute({ amount }, { ask }) {
    const colour = await ask({ kind: 'text', text: `Which colour for ${amount}?` })
    return { amount, colour }
  },
})

const amounts = [1, 2, 3, 4, 5, 6, 7]
const each = (call: string): ReturnType<typeof scriptedModel> =>
  scriptedModel([amounts.map((amount) => ({ call, input: { amount } })), ['All done.']])

test.each([
  ['approvals', 'pay', 'approve'],
  ['questions of tools', 'paint', 'red'],
])('of seven %s at once a person gets as many as they may have open, and the others in their turn', async (_name, tool, answer) => {
  const world = createWorld({ model: each(tool), tools: [pay, paint], limits: { openQuestions: 3 } })
  const runId = await world.say('all of them')
  const counts: number[] = []
  for (let open = await openNow(world); open[0]; open = await openNow(world)) {
    counts.push(open.length)
    await world.runs.answer(open[0].id, { action: 'accept', answer }, world.ada)
  }
  expect(counts).toEqual([3, 3, 3, 3, 3, 2, 1])
  expect(await world.run(runId)).toMatchObject({ state: 'done' })
  expect((await world.events()).filter((event) => event.type === 'tool-end' && event.status === 'ok')).toHaveLength(7)
})

test('who has as many questions open elsewhere as they may have is asked no further one, and the model is told why', async () => {
  const model = scriptedModel((messages) => {
    if (messages.at(-1)?.role === 'tool') return ['So be it.']
    return messages.some(({ role }) => role === 'assistant') ? [] : [1, 2].map((amount) => ({ call: 'pay', input: { amount } }))
  })
  const world = createWorld({ model, tools: [pay], limits: { openQuestions: 2 } })
  await world.say('here')
  expect(await openNow(world)).toHaveLength(2)
  const elsewhere = { workflow: 'test', conversationId: 'elsewhere', messageId: 'm', text: 'there', visitor: world.ada }
  const { runId } = await world.runs.start(elsewhere)
  await settled()
  // What the door lets through asks once; its second question finds no room and waits for the first.
  const rows = await world.store.transact('rows', (transaction) => transaction.find('interactions', { runId }))
  expect(rows).toHaveLength(1)
  await world.runs.answer(rows[0]?.id ?? '', { action: 'accept', answer: 'approve' }, world.ada)
  await settled()
  const ends = await world.store.transact('rows', (transaction) => transaction.find('calls', { runId }, { orderBy: 'ordinal' }))
  expect(ends).toMatchObject([
    { status: 'ok' },
    { status: 'refused', output: { error: 'limit_exceeded', message: expect.stringContaining('too many questions') } },
  ])
  expect(await world.run(runId)).toMatchObject({ state: 'done' })
})

/** The questions of the first conversation that are open when all that goes without them is done. */
async function openNow(world: World): ReturnType<World['openQuestions']> {
  await settled()
  return world.openQuestions()
}
