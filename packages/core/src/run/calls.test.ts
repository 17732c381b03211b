import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Message } from '../protocol/message.ts'
import { scriptedModel } from '../testing/scripted-model.ts'
import { settled } from '../testing/virtual-runtime.ts'
import { createWorld } from '../testing/world.ts'
import { type Tool, defineTool } from '../tool/tool.ts'
import { historyWindow } from './history-window.ts'

function tool(name: string, parts: Partial<Tool> = {}): Tool {
  return defineTool({ name, description: name, input: z.object({}), execute: async () => name, ...parts })
}

test('results stand in the order of the calls, not of their completion', async () => {
  let finishFirst = (): void => undefined
  const first = new Promise<void>((resolve) => (finishFirst = resolve))
  const model = scriptedModel([[{ call: 'slow' }, { call: 'quick' }], ['Done.']])
  const slow = tool('slow', { execute: async () => (await first, 'slow') })
  const world = createWorld({ model, tools: [slow, tool('quick')] })
  await world.say('Go')
  await settled()
  expect(model.requests).toHaveLength(1)
  finishFirst()
  await settled()
  const last = model.requests[1]?.at(-1)
  expect(last?.role === 'tool' && last.results.map(({ output }) => output)).toEqual(['slow', 'quick'])
})

test.each([
  ['nothing', {}, 'unknown_tool'],
  ['add', { amount: 'much' }, 'invalid_arguments'],
] as const)('the model is told in words what is wrong with its call of "%s"', async (call, input, code) => {
  const model = scriptedModel([[{ call, input }], ['Sorry.']])
  const add = tool('add', { input: z.object({ amount: z.number() }) })
  const world = createWorld({ model, tools: [add] })
  await world.say('Go')
  await settled()
  expect(model.requests[1]?.at(-1)).toMatchObject({ role: 'tool', results: [{ status: 'refused', output: { error: code } }] })
})

test('what a policy denies does not run, and the reason is said', async () => {
  const model = scriptedModel([[{ call: 'work' }], ['Sorry.']])
  const world = createWorld({
    model,
    tools: [tool('work', { execute: () => Promise.reject(new Error('it ran')) })],
    policy: () => ({ effect: 'deny', reason: 'Not on Sundays.' }),
  })
  await world.say('Go')
  await settled()
  expect(model.requests[1]?.at(-1)).toMatchObject({
    results: [{ status: 'refused', output: { error: 'policy_denied', message: 'Not on Sundays.' } }],
  })
})

test('a tool that changed while its run waited is refused in words', async () => {
  const model = scriptedModel([[{ call: 'work' }], ['Sorry.']])
  const before = createWorld({ model, tools: [tool('work', { risk: 'high' })] })
  await before.say('Go')
  await settled()
  void before.runs.stop(0)
  const changed = tool('work', { risk: 'high', input: z.object({ account: z.string().optional() }) })
  const after = createWorld({ model, tools: [changed], store: before.store, runtime: before.runtime })
  await after.answer({ action: 'accept', answer: 'approve' })
  await settled()
  expect(model.requests[1]?.at(-1)).toMatchObject({ results: [{ output: { error: 'tool_changed' } }] })
})

test('a model that fails ends the run with a sentence, and the next message starts afresh', async () => {
  const world = createWorld({
    model: scriptedModel((messages) => (messages.length === 1 ? [{ fail: 'secret endpoint down' }] : ['Back again.'])),
  })
  const runId = await world.say('Go')
  await settled()
  expect((await world.run(runId)).state).toBe('failed')
  expect(JSON.stringify(await world.events())).not.toContain('secret endpoint')
  await world.say('Again')
  await settled()
  expect(await world.replies()).toEqual(['Back again.'])
})

test('a model that calls tools for ever is stopped', async () => {
  const world = createWorld({ model: scriptedModel(() => [{ call: 'work' }]), tools: [tool('work')] })
  const runId = await world.say('Go')
  for (let turn = 0; turn < 40; turn += 1) await settled()
  expect((await world.run(runId)).state).toBe('failed')
})

test('a notification is shown and stops nothing', async () => {
  const notifying = tool('work', {
    execute: async (_input, { ask, progress }) => {
      await ask({ kind: 'notification', text: 'Working.' })
      progress('half')
      return 'worked'
    },
  })
  const world = createWorld({ model: scriptedModel([[{ call: 'work' }], ['Done.']]), tools: [notifying] })
  await world.say('Go')
  await settled()
  const types = (await world.events()).map(({ type }) => type)
  expect(types).toEqual([
    'run-start',
    'reply-start',
    'reply-end',
    'tool-start',
    'interaction-open',
    'tool-progress',
    'tool-end',
    'reply-start',
    'reply-end',
    'run-end',
  ])
})

test('the model sees at most max_history messages, and never results without their reply', () => {
  const turn = (text: string): Message[] => [
    { role: 'user', text },
    { role: 'assistant', text: '', calls: [{ id: text, tool: 't', input: {} }] },
    { role: 'tool', results: [{ callId: text, tool: 't', status: 'ok', output: null }] },
  ]
  const history = [...turn('1'), ...turn('2'), ...turn('3')]
  for (let limit = 1; limit <= history.length; limit += 1) {
    const seen = historyWindow(history, limit)
    expect(seen.length).toBeLessThanOrEqual(limit)
    expect(limit === 1 || seen[0]?.role !== 'tool').toBe(true)
  }
  expect(historyWindow(history, 5).map(({ role }) => role)).toEqual(['user', 'assistant', 'tool'])
})
