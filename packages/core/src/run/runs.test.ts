import { expect, test } from 'vitest'
import { z } from 'zod'
import { scriptedModel } from '../testing/scripted-model.ts'
import { settled } from '../testing/virtual-runtime.ts'
import { createWorld } from '../testing/world.ts'
import { type Tool, defineTool } from '../tool/tool.ts'

function transfer(effects: string[], parts: Partial<Tool<{ amount: number }>> = {}): Tool {
  return defineTool({
    name: 'transfer',
    description: 'Transfers money.',
    input: z.object({ amount: z.number() }),
    risk: 'high',
    execute: async ({ amount }) => {
      effects.push(`paid ${amount}`)
      return { paid: amount }
    },
    ...parts,
  })
}

test('a reply without calls ends the run', async () => {
  const world = createWorld({ model: scriptedModel([['Hello ', 'Ada.']]) })
  const runId = await world.say('Hi')
  await settled()
  expect((await world.run(runId)).state).toBe('done')
  expect(await world.replies()).toEqual(['Hello Ada.'])
})

test('a risky call waits for the person, runs once, and its result reaches the model', async () => {
  const effects: string[] = []
  const model = scriptedModel([[{ call: 'transfer', input: { amount: 50 } }], ['Done.']])
  const world = createWorld({ model, tools: [transfer(effects)] })
  const runId = await world.say('Pay 50')
  await settled()
  expect((await world.run(runId)).state).toBe('waiting')
  expect(effects).toEqual([])
  await world.answer({ action: 'accept', answer: 'approve' })
  await settled()
  expect(effects).toEqual(['paid 50'])
  expect((await world.run(runId)).state).toBe('done')
  expect(model.requests.at(-1)?.at(-1)).toEqual({
    role: 'tool',
    results: [expect.objectContaining({ status: 'ok', output: { paid: 50 } })],
  })
  expect(await world.replies()).toEqual(['', 'Done.'])
})

test('an approval cycle costs at most 6 commits and 45 statements', async () => {
  const world = createWorld({
    model: scriptedModel([[{ call: 'transfer', input: { amount: 1 } }], Array.from({ length: 20 }, () => 'token ')]),
    tools: [transfer([])],
  })
  await world.say('first')
  await settled()
  await world.answer({ action: 'accept', answer: 'approve' })
  await settled()
  const before = world.store.stats()
  await world.say('again')
  await settled()
  const [question] = await world.openQuestions()
  await world.runs.answer(question?.id ?? '', { action: 'accept', answer: 'approve' }, world.ada)
  await settled()
  const after = world.store.stats()
  // What the test itself read between the two halves is not part of the cycle.
  const own = 1
  expect(after.commits - before.commits).toBeLessThanOrEqual(6)
  expect(after.statements - before.statements - own).toBeLessThanOrEqual(45)
})

test('a tool that asks is entered again after the answer, and its steps are kept', async () => {
  const effects: string[] = []
  const tool = transfer(effects, {
    risk: 'low',
    execute: async ({ amount }, context) => {
      const draft = await context.step('draft', async () => {
        effects.push('draft')
        return 'd1'
      })
      const name = await context.ask({ kind: 'text', text: 'To whom?' })
      effects.push(`paid ${amount} to ${name} by ${draft}`)
      return 'ok'
    },
  })
  const world = createWorld({ model: scriptedModel([[{ call: 'transfer', input: { amount: 5 } }], ['Done.']]), tools: [tool] })
  await world.say('Pay')
  await settled()
  await world.answer({ action: 'accept', answer: 'Bob' })
  await settled()
  expect(effects).toEqual(['draft', 'paid 5 to Bob by d1'])
  expect(await world.replies()).toEqual(['', 'Done.'])
})

test('a newer message cancels the waiting run, its question and starts its own', async () => {
  const world = createWorld({
    model: scriptedModel((messages) => {
      const last = messages.at(-1)
      return last?.role === 'user' && last.text === 'Pay' ? [{ call: 'transfer', input: { amount: 5 } }] : ['Sure.']
    }),
    tools: [transfer([])],
  })
  const first = await world.say('Pay')
  await settled()
  const second = await world.say('Never mind')
  await settled()
  expect((await world.run(first)).state).toBe('cancelled')
  expect((await world.run(second)).state).toBe('done')
  expect(await world.openQuestions()).toEqual([])
})

test('a stop that has nothing to wait for leaves no timer behind', async () => {
  const world = createWorld({ model: scriptedModel([]) })
  await world.runs.stop(5_000)
  expect(world.runtime.nextTimerAt()).toBeUndefined()
})
