import { expect, test } from 'vitest'
import { z } from 'zod'
import type { InteractionResponse } from '../protocol/interaction.ts'
import type { JsonValue } from '../protocol/json.ts'
import { scriptedModel } from '../testing/scripted-model.ts'
import { settled } from '../testing/virtual-runtime.ts'
import { CONVERSATION, createWorld, type World } from '../testing/world.ts'
import { defineTool, type Tool, type ToolContext } from '../tool/tool.ts'

const options = [
  { label: 'Red', value: 'red' },
  { label: 'Blue', value: 'blue' },
] as const

test.each<{
  readonly kind: string
  readonly work: (context: ToolContext) => Promise<JsonValue>
  readonly answer: JsonValue
  readonly got: JsonValue
}>([
  { kind: 'text', work: ({ ask }) => ask({ kind: 'text', text: 'Name?' }), answer: 'Ada', got: 'Ada' },
  { kind: 'binary_choice', work: ({ ask }) => ask({ kind: 'binary_choice', text: 'Go?', options }), answer: 'blue', got: 'blue' },
  { kind: 'radio', work: ({ ask }) => ask({ kind: 'radio', text: 'Which?', options }), answer: 'Red', got: 'red' },
  { kind: 'dropdown', work: ({ ask }) => ask({ kind: 'dropdown', text: 'Which?', options }), answer: 'red', got: 'red' },
  {
    kind: 'checkbox',
    work: ({ ask }) => ask({ kind: 'checkbox', text: 'Which?', options }),
    answer: ['blue', 'red'],
    got: ['blue', 'red'],
  },
])('a tool gets exactly what was answered to its question of the kind $kind', async ({ work, answer, got }) => {
  const world = worldOf({ ask: work })
  await world.say('Go')
  await settled()
  await world.answer({ action: 'accept', answer })
  await settled()
  expect(await results(world)).toEqual([{ status: 'ok', output: got }])
})

test('two questions at once, answered in reverse order: each answer reaches the call that asked', async () => {
  const world = worldOf({ first: asks('First?'), second: asks('Second?') })
  await world.say('Go')
  await settled()
  const [first, second] = await world.openQuestions()
  await world.runs.answer(second?.id ?? '', { action: 'accept', answer: 'two' }, world.ada)
  await settled()
  expect(await world.openQuestions()).toMatchObject([{ id: first?.id }])
  await world.runs.answer(first?.id ?? '', { action: 'accept', answer: 'one' }, world.ada)
  await settled()
  expect(await results(world)).toEqual([
    { status: 'ok', output: 'one' },
    { status: 'ok', output: 'two' },
  ])
})

test('of two answers at once one counts, and the other is told how it was decided', async () => {
  const world = worldOf({ ask: asks('Name?') })
  await world.say('Go')
  await settled()
  const [asked] = await world.openQuestions()
  const answer = (response: InteractionResponse) => world.runs.answer(asked?.id ?? '', response, world.ada)
  const outcomes = await Promise.all([answer({ action: 'accept', answer: 'Ada' }), answer({ action: 'decline' })])
  await settled()
  expect(outcomes).toEqual([{ outcome: 'settled' }, { outcome: 'earlier', state: 'answered' }])
  expect(await results(world)).toEqual([{ status: 'ok', output: 'Ada' }])
  expect(await records(world, 'answer')).toHaveLength(1)
})

test('an answer of the wrong kind leaves the question open and the run as it was', async () => {
  const world = worldOf({ ask: ({ ask }) => ask({ kind: 'radio', text: 'Which?', options }) })
  const runId = await world.say('Go')
  await settled()
  const before = await world.run(runId)
  for (const answer of ['green', ['red'], null, 7]) {
    expect(await world.answer({ action: 'accept', answer })).toMatchObject({ outcome: 'invalid' })
  }
  expect(await world.run(runId)).toEqual(before)
  expect(await world.openQuestions()).toHaveLength(1)
})

test('a no reaches the tool as a no, with its reason', async () => {
  const world = worldOf({ ask: asks('Name?') })
  await world.say('Go')
  await settled()
  await world.answer({ action: 'decline', reason: 'too private' })
  await settled()
  const message = 'The person declined, and said: "too private".'
  expect(await results(world)).toEqual([{ status: 'refused', output: { error: 'access_denied', message } }])
})

test('a question ends at its own deadline, not before, and is told as expired in its own words to the tool and to the person', async () => {
  let caught: unknown
  const world = worldOf({
    ask: async ({ ask }) => {
      try {
        return await ask({ kind: 'text', text: 'Name?', timeoutSeconds: 30, expiredText: 'The table is gone.' })
      } catch (error) {
        caught = error
        throw error
      }
    },
  })
  await world.say('Go')
  await settled()
  await world.runtime.advance(29_999)
  await world.runs.tick()
  expect(await world.openQuestions()).toHaveLength(1)
  await world.runtime.advance(1)
  await world.runs.tick()
  await settled()
  expect((await world.events()).find(({ type }) => type === 'interaction-close')).toMatchObject({
    state: 'expired',
    sentence: 'The table is gone.',
  })
  expect(caught).toMatchObject({ code: 'expired', message: 'The table is gone.' })
  expect(await results(world)).toEqual([{ status: 'refused', output: { error: 'expired', message: 'The table is gone.' } }])
})

test('an answer after the deadline changes nothing', async () => {
  const world = worldOf({ ask: ({ ask }) => ask({ kind: 'text', text: 'Name?', timeoutSeconds: 30 }) })
  await world.say('Go')
  await settled()
  const [asked] = await world.openQuestions()
  await world.runtime.advance(30_000)
  await world.runs.tick()
  await settled()
  const late = await world.runs.answer(asked?.id ?? '', { action: 'accept', answer: 'Ada' }, world.ada)
  expect(late).toEqual({ outcome: 'earlier', state: 'expired' })
  expect(await results(world)).toMatchObject([{ output: { error: 'expired' } }])
})

test('a question that cannot be shown is an error of the tool at once: nobody is asked, and the log says what is wrong with it', async () => {
  const world = worldOf({ ask: ({ ask }) => ask({ kind: 'radio', text: 'Which?', options: [] }) })
  await world.say('Go')
  await settled()
  expect(await world.openQuestions()).toEqual([])
  expect(await results(world)).toEqual([{ status: 'failed', output: { error: 'invalid_question', message: '"ask" failed.' } }])
  expect(world.runtime.logged).toContainEqual({
    level: 'warn',
    message: 'question refused',
    facts: expect.objectContaining({ tool: 'ask', why: 'the question.options: has nothing to choose from' }),
  })
})

test('a tool that asks without end is stopped', async () => {
  const world = worldOf({
    ask: async ({ ask }) => {
      for (;;) await ask({ kind: 'notification', text: 'Still working.' })
    },
  })
  await world.say('Go')
  await settled()
  await settled()
  expect(await results(world)).toMatchObject([{ status: 'failed', output: { error: 'limit_exceeded' } }])
})

test('the audit says who decided what was asked, and how; of words only the digest', async () => {
  const world = worldOf({ radio: ({ ask }) => ask({ kind: 'radio', text: 'Which?', options }), text: asks('Why?') })
  await world.say('Go')
  await settled()
  const [radio, text] = await world.openQuestions()
  await world.runs.answer(radio?.id ?? '', { action: 'accept', answer: 'blue' }, world.ada)
  await world.runs.answer(text?.id ?? '', { action: 'accept', answer: 'because' }, world.ada)
  await settled()
  const by = world.ada.principal.id
  expect(await records(world, 'answer')).toMatchObject([
    { interaction: radio?.id, state: 'answered', by, answer: 'blue' },
    { interaction: text?.id, state: 'answered', by, answer: expect.stringMatching(/^[\w-]{43}$/) },
  ])
  expect(JSON.stringify(await world.store.transact('audits', (transaction) => transaction.find('audits', {})))).not.toContain('because')
})

test('a no to an approval reaches the model with its reason', async () => {
  const world = transferWorld('Bob')
  await world.say('Go')
  await settled()
  await world.answer({ action: 'decline', reason: 'too much' })
  await settled()
  const message = 'The person did not approve it, and said: "too much".'
  expect(await results(world)).toEqual([{ status: 'refused', output: { error: 'access_denied', message } }])
})

test('what is approved is shown with everything in it: a hidden character is written out', async () => {
  const world = transferWorld('Bob\u202e')
  await world.say('Go')
  await settled()
  expect(await world.openQuestions()).toMatchObject([{ question: { approval: { arguments: { to: String.raw`Bob\u202e` } } } }])
})

test('a stop while two questions are open ends both at once, by whose word it was, and late answers change nothing', async () => {
  const world = worldOf({ first: asks('First?'), second: asks('Second?') })
  const runId = await world.say('Go')
  await settled()
  const asked = await world.openQuestions()
  const { commits } = world.store.stats()
  await world.runs.cancel(CONVERSATION, world.ada)
  expect(world.store.stats().commits).toBe(commits + 1)
  expect(await world.openQuestions()).toEqual([])
  for (const { id } of asked) {
    const late = await world.runs.answer(id, { action: 'accept', answer: 'late' }, world.ada)
    expect(late).toEqual({ outcome: 'earlier', state: 'cancelled' })
  }
  await settled()
  expect((await world.run(runId)).state).toBe('cancelled')
  expect(await results(world)).toMatchObject([{ status: 'cancelled' }, { status: 'cancelled' }])
  const by = world.ada.principal.id
  expect(await records(world, 'cancel')).toMatchObject([{ why: 'requested', by }])
  expect(await records(world, 'answer')).toMatchObject([
    { state: 'cancelled', by },
    { state: 'cancelled', by },
  ])
})

/** A world whose model calls all of these tools at once, and then is done. */
function worldOf(tools: Readonly<Record<string, (context: ToolContext) => Promise<JsonValue>>>): World {
  const model = scriptedModel([Object.keys(tools).map((call) => ({ call })), ['Done.']])
  const defined = Object.entries(tools).map(([name, work]): Tool =>
    defineTool({ name, description: name, input: z.object({}), execute: (_input, context) => work(context) }),
  )
  return createWorld({ model, tools: defined })
}

/** A world whose model wants money to be transferred, which is for the person to approve. */
function transferWorld(to: string): World {
  const input = z.object({ to: z.string() })
  const transfer = defineTool({ name: 'transfer', description: 'Transfers.', input, risk: 'high', execute: async () => 'paid' })
  return createWorld({ model: scriptedModel([[{ call: 'transfer', input: { to } }], ['Done.']]), tools: [transfer] })
}

function asks(text: string) {
  return ({ ask }: ToolContext): Promise<string> => ask({ kind: 'text', text })
}

/** What became of the calls, in their order. */
async function results(world: World): Promise<readonly unknown[]> {
  const calls = await world.store.transact('calls', (transaction) => transaction.find('calls', {}, { orderBy: 'ordinal' }))
  return calls.map(({ status, output }) => ({ status, output }))
}

async function records(world: World, type: string): Promise<readonly unknown[]> {
  const rows = await world.store.transact('audits', (transaction) => transaction.find('audits', {}, { orderBy: 'number' }))
  return rows.flatMap(({ record }) => (record['type'] === type ? [record] : []))
}
