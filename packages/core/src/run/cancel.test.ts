import { expect, test } from 'vitest'
import { z } from 'zod'
import { scriptedModel } from '../testing/scripted-model.ts'
import { settled } from '../testing/virtual-runtime.ts'
import { CONVERSATION, createWorld, type World } from '../testing/world.ts'
import { type Tool, defineTool } from '../tool/tool.ts'

const callThenSay = scriptedModel([[{ call: 'work' }], ['Done.']])

/** A tool that works until it is told to go on. */
function slowTool(parts: Partial<Tool> = {}): { tool: Tool; goOn: () => void; signals: AbortSignal[] } {
  const signals: AbortSignal[] = []
  let goOn = (): void => undefined
  const gate = new Promise<void>((resolve) => {
    goOn = resolve
  })
  const tool = defineTool({
    name: 'work',
    description: 'Works.',
    input: z.object({}),
    execute: async (_input, { signal }) => {
      signals.push(signal)
      await gate
      return 'worked'
    },
    ...parts,
  })
  return { tool: tool, goOn, signals }
}

async function toolEnds(world: World): Promise<unknown[]> {
  return (await world.events()).flatMap((event) => (event.type === 'tool-end' ? [{ status: event.status, output: event.output }] : []))
}

test('a cancelled run waits for what is executing, keeps its result, and asks the model nothing more', async () => {
  const { tool, goOn, signals } = slowTool()
  const model = scriptedModel([[{ call: 'work' }], ['Done.']])
  const world = createWorld({ model, tools: [tool] })
  const runId = await world.say('Go')
  await settled()
  expect(await world.runs.cancel(CONVERSATION, world.ada)).toBe(true)
  await settled()
  expect((await world.run(runId)).state).toBe('ready')
  expect(signals[0]?.aborted).toBe(true)
  goOn()
  await settled()
  expect((await world.run(runId)).state).toBe('cancelled')
  expect(await toolEnds(world)).toEqual([{ status: 'ok', output: 'worked' }])
  expect(model.requests).toHaveLength(1)
})

test('who cancels one run does not stop another that began meanwhile', async () => {
  const { tool } = slowTool()
  const world = createWorld({ model: callThenSay, tools: [tool] })
  const runId = await world.say('Go')
  await settled()
  expect(await world.runs.cancel(CONVERSATION, world.ada, 'another')).toBe(false)
  expect((await world.run(runId)).cancel).toBeNull()
  expect(await world.runs.cancel(CONVERSATION, world.ada, runId)).toBe(true)
})

test('after its grace a cancelled run ends without what still executes, and says so', async () => {
  const { tool } = slowTool()
  const world = createWorld({ model: callThenSay, tools: [tool] })
  const runId = await world.say('Go')
  await settled()
  await world.runs.cancel(CONVERSATION, world.ada)
  await settled()
  await world.runtime.advance(8_000)
  expect((await world.run(runId)).state).toBe('cancelled')
  expect(await toolEnds(world)).toEqual([
    { status: 'failed', output: { error: 'outcome_unknown', message: 'It was still running when it was cancelled.' } },
  ])
})

test('calls that had not begun get a result that says they were not run', async () => {
  const { tool } = slowTool({ risk: 'high' })
  const model = scriptedModel([[{ call: 'work' }, { call: 'work' }]])
  const world = createWorld({ model, tools: [tool] })
  await world.say('Go')
  await settled()
  await world.runs.cancel(CONVERSATION, world.ada)
  await settled()
  const said = { status: 'cancelled', output: { error: 'cancelled', message: 'Cancelled, not run.' } }
  expect(await toolEnds(world)).toEqual([said, said])
  expect(await world.openQuestions()).toEqual([])
})

test('an answer to a question of a cancelled run changes nothing and is told so', async () => {
  const { tool } = slowTool({ risk: 'high' })
  const world = createWorld({ model: callThenSay, tools: [tool] })
  await world.say('Go')
  await settled()
  const [question] = await world.openQuestions()
  await world.runs.cancel(CONVERSATION, world.ada)
  const outcome = await world.runs.answer(question?.id ?? '', { action: 'accept', answer: 'approve' }, world.ada)
  expect(outcome).toEqual({ outcome: 'earlier', state: 'cancelled' })
})

test('nobody but its owner can cancel', async () => {
  const { tool } = slowTool({ risk: 'high' })
  const world = createWorld({ model: callThenSay, tools: [tool] })
  const runId = await world.say('Go')
  await settled()
  const mallory = { principal: { id: 'anonymous:mallory', kind: 'anonymous', roles: [] }, sessionId: 'session-mallory' } as const
  expect(await world.runs.cancel(CONVERSATION, mallory)).toBe(false)
  expect((await world.run(runId)).state).toBe('waiting')
})

test('of three quick messages the newest has its turn, after the result of what was executing', async () => {
  const { tool, goOn } = slowTool()
  const world = createWorld({
    model: scriptedModel((messages) => {
      const last = messages.at(-1)
      return last?.role === 'user' && last.text === 'Go' ? [{ call: 'work' }] : ['Sure.']
    }),
    tools: [tool],
  })
  const runs = [await world.say('Go')]
  await settled()
  runs.push(await world.say('Second'), await world.say('Third'))
  goOn()
  await settled()
  expect(await Promise.all(runs.map(async (id) => (await world.run(id)).state))).toEqual(['cancelled', 'cancelled', 'done'])
  const rows = await world.store.transact('read', (transaction) => transaction.find('messages', {}, { orderBy: 'position' }))
  expect(rows.map(({ message }) => message.role)).toEqual(['user', 'assistant', 'tool', 'user', 'assistant'])
})
