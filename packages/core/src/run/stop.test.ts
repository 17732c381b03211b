import { expect, test } from 'vitest'
import { z } from 'zod'
import { type Gate, gate } from '../testing/gate.ts'
import { scriptedModel } from '../testing/scripted-model.ts'
import { settled } from '../testing/virtual-runtime.ts'
import { type World, createWorld } from '../testing/world.ts'
import { defineTool } from '../tool/tool.ts'

const GRACE_MS = 8_000

/** A run whose tools `first` and `second` are called one after the other, or at once; each ends when its gate is opened. */
async function running(how: 'one after the other' | 'at once') {
  const gates: Record<string, Gate> = { first: gate(), second: gate() }
  const effects: string[] = []
  const signals: AbortSignal[] = []
  const tools = Object.entries(gates).map(([name, { opened }]) =>
    defineTool({
      name,
      description: 'Works.',
      input: z.object({}),
      execute: async (_input, { signal }) => {
        effects.push(name)
        signals.push(signal)
        await opened
        return name
      },
    }),
  )
  const [first, second] = [{ call: 'first' }, { call: 'second' }]
  const model = scriptedModel(how === 'at once' ? [[first, second], ['Done.']] : [[first], [second], ['Done.']])
  const world = createWorld({ model, tools })
  const runId = await world.say('Go')
  await settled()
  return { world, runId, model, effects, signals, open: (name: string) => gates[name]?.open() }
}

/** Another process, which finds what is free. */
async function takeOver(world: World): Promise<void> {
  await world.process('process-2').tick()
  await settled()
}

test('a tool that ends within the grace keeps its result, nothing more is begun, and another process goes on at once', async () => {
  const { world, runId, model, effects, open } = await running('one after the other')
  const stopped = world.runs.stop(GRACE_MS)
  open('first')
  expect(await stopped).toBe(0)
  expect([effects, model.requests.length]).toEqual([['first'], 1])
  expect(await world.run(runId)).toMatchObject({ state: 'ready', owner: null, lease: 0 })
  open('second')
  await takeOver(world)
  expect(effects).toEqual(['first', 'second'])
  expect((await world.run(runId)).state).toBe('done')
  expect(await world.openQuestions()).toEqual([])
})

test('of two tools at once both are waited for', async () => {
  const { world, runId, effects, open } = await running('at once')
  let left: number | undefined
  const stopped = world.runs.stop(GRACE_MS).then((count) => (left = count))
  open('first')
  await settled()
  expect(left).toBeUndefined()
  open('second')
  expect(await stopped).toBe(0)
  await takeOver(world)
  expect(effects).toEqual(['first', 'second'])
  expect((await world.run(runId)).state).toBe('done')
})

test('a tool that does not end within the grace is given up: its late result changes nothing, and the person is asked', async () => {
  const { world, runId, effects, signals, open } = await running('one after the other')
  const stopped = world.runs.stop(GRACE_MS)
  await world.runtime.advance(GRACE_MS)
  expect(await stopped).toBe(1)
  expect(signals[0]?.aborted).toBe(true)
  const before = await world.events()
  open('first')
  await settled()
  expect(await world.events()).toEqual(before)
  expect(world.runtime.logged.filter(({ level }) => level === 'error')).toEqual([])
  await world.runtime.advance(5_000)
  await takeOver(world)
  const [asked] = await world.openQuestions()
  expect(asked?.question.text).toContain('may have run')
  expect(effects).toEqual(['first'])
  expect((await world.run(runId)).state).toBe('waiting')
})

test('after a stop nothing is started, and an answer waits for another process', async () => {
  const model = scriptedModel([[{ call: 'pay' }], ['Done.']])
  const pay = defineTool({ name: 'pay', description: 'Pays.', input: z.object({}), risk: 'high', execute: async () => 'paid' })
  const world = createWorld({ model, tools: [pay] })
  const runId = await world.say('Pay')
  await settled()
  await world.runs.stop(GRACE_MS)
  await expect(world.say('More')).rejects.toMatchObject({ code: 'temporarily_unavailable' })
  await world.answer({ action: 'accept', answer: 'approve' })
  await settled()
  expect((await world.run(runId)).state).toBe('ready')
  await takeOver(world)
  expect((await world.run(runId)).state).toBe('done')
})
