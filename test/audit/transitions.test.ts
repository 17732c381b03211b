import { defineTool } from '@countersign/core'
import { CONVERSATION, createWorld, gate, readAftermath, scriptedModel, settled, type World } from '@countersign/core/testing'
import { expect, test } from 'vitest'
import { z } from 'zod'

const input = z.object({ amount: z.number(), password: z.string() })
const transfer = defineTool({
  name: 'transfer',
  description: 'Transfers money.',
  input,
  risk: 'high',
  execute: async ({ amount }) => ({ paid: amount }),
})
const asked = { amount: 7, password: 'hunter2' }

test('an approval leaves who asked what, what the policy said, who was asked, who approved from where, and what came of it; no secret', async () => {
  const world = createWorld({ model: scriptedModel([[{ call: 'transfer', input: asked }], ['It went to Grace.']]), tools: [transfer] })
  await world.say('Pay Grace')
  await settled()
  await world.answer({ action: 'accept', answer: 'approve' })
  await settled()
  const { audits, unrecorded } = await aftermath(world)
  expect(unrecorded).toEqual([])
  expect(audits.map(({ record }) => record)).toMatchObject([
    { type: 'request', principal: 'anonymous:ada' },
    { type: 'reply', turn: 1 },
    { type: 'policy-decision', tool: 'transfer', effect: 'ask', view: { amount: 7, password: '[secret]' } },
    { type: 'question', kind: 'binary_choice', place: 'approval', to: 'anonymous:ada' },
    { type: 'answer', state: 'answered', by: 'anonymous:ada', session: 'session-ada', answer: 'approve' },
    { type: 'tool-call', tool: 'transfer', entry: 1 },
    { type: 'tool-result', tool: 'transfer', status: 'ok' },
    { type: 'reply', turn: 2, calls: [] },
    { type: 'run-end', state: 'done' },
  ])
  const written = JSON.stringify(audits)
  for (const word of ['hunter2', 'Pay Grace', 'It went to']) expect(written).not.toContain(word)
})

test('a no, an expiry and a refused call are recorded as what they are', async () => {
  const ends = async (end: (world: World) => Promise<unknown>): Promise<readonly unknown[]> => {
    const world = createWorld({ model: scriptedModel([[{ call: 'transfer', input: asked }], ['So be it.']]), tools: [transfer] })
    await world.say('Pay')
    await settled()
    await end(world)
    await settled()
    const { audits, unrecorded } = await aftermath(world)
    expect(unrecorded).toEqual([])
    return audits.flatMap(({ record }) => (record['type'] === 'answer' || record['type'] === 'tool-result' ? [record] : []))
  }
  expect(await ends((world) => world.answer({ action: 'decline', reason: 'too much' }))).toMatchObject([
    { type: 'answer', state: 'declined', by: 'anonymous:ada', session: 'session-ada', answer: expect.stringMatching(/^[\w-]{43}$/) },
    { type: 'tool-result', status: 'refused', error: 'access_denied' },
  ])
  const expired = await ends(async ({ runtime, runs }) => {
    await runtime.advance(7 * 24 * 60 * 60_000)
    await runs.tick()
  })
  expect(expired).toMatchObject([
    { type: 'answer', state: 'expired', by: 'system' },
    { type: 'tool-result', status: 'refused', error: 'expired' },
  ])
  expect(expired[0]).not.toHaveProperty('session')
})

test('messages that overtake one another: each run is recorded with its end, also one that never had its turn', async () => {
  const { opened, open } = gate()
  const slow = defineTool({ name: 'slow', description: 'Works.', input: z.object({}), execute: () => opened.then(() => null) })
  const model = scriptedModel((messages) => (messages.at(-1)?.role === 'user' ? [{ call: 'slow' }] : ['Done.']))
  const world = createWorld({ model, tools: [slow] })
  for (const text of ['First', 'Second', 'Third']) {
    await world.say(text)
    await settled()
  }
  open()
  await settled()
  const { runs, audits, unrecorded } = await aftermath(world)
  expect(runs.map(({ state }) => state).toSorted()).toEqual(['cancelled', 'cancelled', 'done'])
  expect(unrecorded).toEqual([])
  expect(audits.filter(({ record }) => record['type'] === 'run-end')).toHaveLength(3)
})

function aftermath({ store, runtime }: World): ReturnType<typeof readAftermath> {
  return readAftermath(store, runtime, CONVERSATION)
}
