import { expect, test } from 'vitest'
import { z } from 'zod'
import { memoryStore } from '../store/memory-store.ts'
import { doorTo } from '../testing/faulty-store.ts'
import { scriptedModel } from '../testing/scripted-model.ts'
import { settled, virtualRuntime } from '../testing/virtual-runtime.ts'
import { CONVERSATION, createWorld } from '../testing/world.ts'
import { type Tool, defineTool } from '../tool/tool.ts'

const never = new Promise<never>(() => undefined)

function tool(effects: string[], parts: Partial<Tool> = {}): Tool {
  return defineTool({
    name: 'work',
    description: 'Works.',
    input: z.object({}),
    execute: async (_input, { idempotencyKey }) => {
      effects.push(idempotencyKey)
      return 'worked'
    },
    ...parts,
  })
}

/** A first process whose commit of a result never comes back, and a second one on the same store. */
function dyingWorld(parts: Partial<Tool>) {
  const effects: string[] = []
  const runtime = virtualRuntime()
  const inner = memoryStore(runtime)
  let isDead = false
  const store = doorTo(inner, (name, commit) => {
    isDead ||= name === 'tool-result'
    return isDead ? never : commit()
  })
  const model = scriptedModel([[{ call: 'work' }], ['Done.']])
  const first = createWorld({ model, tools: [tool(effects, parts)], runtime, store })
  const second = createWorld({ model, tools: [tool(effects, parts)], runtime, store: inner })
  return { effects, first, second }
}

test('an idempotent call found executing is entered again with the same key', async () => {
  const { effects, first, second } = dyingWorld({ idempotent: true })
  const runId = await first.say('Go')
  await settled()
  await second.runtime.advance(5_000)
  await second.runs.tick()
  await settled()
  expect(effects).toHaveLength(2)
  expect(new Set(effects).size).toBe(1)
  expect((await second.run(runId)).state).toBe('done')
  expect(await second.openQuestions()).toEqual([])
})

test.each([
  ['run', 2, 'ok'],
  ['leave', 1, 'failed'],
] as const)('any other call found executing is asked about; answered "%s" it has run %i times', async (answer, times, status) => {
  const { effects, first, second } = dyingWorld({})
  const runId = await first.say('Go')
  await settled()
  await second.runtime.advance(5_000)
  await second.runs.tick()
  await settled()
  expect(await second.openQuestions()).toEqual([
    expect.objectContaining({ question: expect.objectContaining({ text: expect.stringContaining('may have run') }) }),
  ])
  await second.answer({ action: 'accept', answer })
  await settled()
  expect(effects).toHaveLength(times)
  expect((await second.run(runId)).state).toBe('done')
  expect((await second.events()).filter((event) => event.type === 'tool-end')).toEqual([expect.objectContaining({ status })])
})

test('a reply cut off by a crash is asked for again, under a higher attempt that makes the older deltas void', async () => {
  const runtime = virtualRuntime()
  const store = memoryStore(runtime)
  let pause: Promise<unknown> = Promise.resolve()
  const streaming = {
    name: 'streaming',
    async *stream() {
      yield { type: 'text', text: 'Half ' } as const
      await pause
      yield { type: 'text', text: 'and half.' } as const
    },
  }
  const first = createWorld({ model: streaming, runtime, store })
  pause = never
  const runId = await first.say('Go')
  await runtime.advance(25)
  void first.runs.stop(0)
  pause = Promise.resolve()
  await store.transact('lease over', (transaction) => transaction.update('runs', { id: runId }, { lease: 0, owner: null, fence: 7 }))
  const second = createWorld({ model: streaming, runtime, store })
  await second.runs.advance(runId)
  const replies = (await second.events()).flatMap((event) =>
    'attempt' in event ? [[event.type, event.attempt, 'text' in event ? event.text : '']] : [],
  )
  expect(replies).toEqual([
    ['reply-start', 1, ''],
    ['token-delta', 1, 'Half '],
    ['reply-start', 8, ''],
    ['reply-end', 8, 'Half and half.'],
  ])
})

test('the same message sent twice starts one run', async () => {
  const world = createWorld({ model: scriptedModel([['Hello.']]) })
  const first = await world.say('Hi', 'message-1')
  await settled()
  expect(await world.say('Hi', 'message-1')).toBe(first)
  expect((await world.events()).filter((event) => event.type === 'run-start')).toHaveLength(1)
})

test('a question that passes its deadline is expired, never declined, and the run goes on', async () => {
  const world = createWorld({ model: scriptedModel([[{ call: 'work' }], ['Nobody answered.']]), tools: [tool([], { risk: 'high' })] })
  const runId = await world.say('Go')
  await settled()
  await world.runtime.advance(15 * 60_000)
  await world.runs.tick()
  await settled()
  const events = await world.events()
  expect(events).toContainEqual(expect.objectContaining({ type: 'interaction-close', state: 'expired' }))
  expect(events).toContainEqual(
    expect.objectContaining({ type: 'tool-end', status: 'refused', output: { error: 'expired', message: 'Nobody approved it in time.' } }),
  )
  expect((await world.run(runId)).state).toBe('done')
})

test('a store that fails stops the holder, and the run goes on once it works again', async () => {
  const runtime = virtualRuntime()
  const inner = memoryStore(runtime)
  let isDown = false
  const store = doorTo(inner, (name, commit) => (isDown ? Promise.reject(new Error(`no disk for ${name}`)) : commit()))
  let entries = 0
  const failing = tool([], {
    idempotent: true,
    execute: async () => {
      entries += 1
      isDown = entries === 1
      return 'worked'
    },
  })
  const world = createWorld({ runtime, store, model: scriptedModel([[{ call: 'work' }], ['Done.']]), tools: [failing] })
  const runId = await world.say('Go')
  await settled()
  isDown = false
  expect((await world.run(runId)).state).toBe('ready')
  expect(runtime.logged).toContainEqual(expect.objectContaining({ level: 'error', message: 'run given up' }))
  await runtime.advance(5_000)
  await world.runs.tick()
  await settled()
  expect((await world.run(runId)).state).toBe('done')
  expect(entries).toBe(2)
})

test('a conversation is found by its id and entered by its owner only', async () => {
  const world = createWorld({ model: scriptedModel([['Hello.']]) })
  await world.say('Hi')
  const mallory = { principal: { id: 'anonymous:mallory', kind: 'anonymous', roles: [] }, sessionId: 's2' } as const
  const stolen = world.runs.start({ workflow: 'test', conversationId: CONVERSATION, messageId: 'm', text: 'Hi', visitor: mallory })
  await expect(stolen).rejects.toMatchObject({ code: 'not_found' })
})

test('a look at due runs takes them up without waiting for their end', async () => {
  const runtime = virtualRuntime()
  const store = memoryStore(runtime)
  const silent = {
    name: 'silent',
    async *stream() {
      await never
      yield { type: 'text', text: '' } as const
    },
  }
  const first = createWorld({ model: silent, runtime, store })
  const runId = await first.say('Go')
  await store.transact('lease over', (transaction) => transaction.update('runs', { id: runId }, { lease: 0 }))
  const second = first.process('process-2')
  await second.tick()
  expect((await first.run(runId)).owner).toBe('process-2')
})
