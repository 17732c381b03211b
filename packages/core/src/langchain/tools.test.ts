import { tool } from '@langchain/core/tools'
import { ToolMessage } from '@langchain/core/messages'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { CountersignError } from '../errors.ts'
import { defineTool } from '../tool/tool.ts'
import type { ToolContext } from '../tool/tool.ts'
import { fromLangChainTool, toolContextOf } from './from-langchain-tool.ts'
import { toLangChainTool } from './to-langchain-tool.ts'

function context(parts: Partial<ToolContext> = {}): ToolContext {
  const refuse = (): never => {
    throw new CountersignError('forbidden', 'not in this test')
  }
  return {
    principal: { id: 'ada', kind: 'user', roles: [] },
    conversationId: 'conversation',
    runId: 'run',
    callId: 'call',
    signal: new AbortController().signal,
    idempotencyKey: 'key',
    fetch: refuse,
    ask: refuse,
    step: refuse,
    progress: refuse,
    ...parts,
  }
}

test('a LangChain tool keeps name, description and schema, and gets our options', () => {
  const theirs = tool(() => 'ok', {
    name: 'pay',
    description: 'Pays.',
    schema: z.object({ amount: z.number().min(1).describe('In euros') }),
  })
  const ours = fromLangChainTool(theirs, { risk: 'high', auth: { provider: 'bank' } })
  expect(ours).toMatchObject({ name: 'pay', description: 'Pays.', risk: 'high', auth: { provider: 'bank' } })
  expect(z.toJSONSchema(ours.input)).toMatchObject({
    properties: { amount: { type: 'number', minimum: 1, description: 'In euros' } },
    required: ['amount'],
  })
  expect(ours.input.safeParse({ amount: 0 }).success).toBe(false)
})

test('its code finds our context, and its value becomes the result', async () => {
  const theirs = tool((input: { to: string }, config) => ({ to: input.to, by: toolContextOf(config).principal.id }), {
    name: 'greet',
    description: 'Greets.',
    schema: z.object({ to: z.string().transform((text) => `${text}!`) }),
  })
  const ours = fromLangChainTool(theirs)
  expect(await ours.execute(ours.input.parse({ to: 'Bob' }), context())).toEqual({ to: 'Bob!', by: 'ada' })
})

test('a tool given as JSON Schema, one that returns nothing and one that returns a message work as well', async () => {
  const schema = { type: 'object', properties: { to: { type: 'string' } }, required: ['to'] } as const
  const nothing = fromLangChainTool(tool(() => undefined, { name: 'a', description: '', schema }))
  expect(nothing.input.safeParse({}).success).toBe(false)
  expect(await nothing.execute({ to: 'x' }, context())).toBeNull()
  const whole = fromLangChainTool(tool(() => new ToolMessage({ content: 'hi', tool_call_id: 'x' }), { name: 'b', description: '', schema }))
  expect(await whole.execute({ to: 'x' }, context())).toBe('hi')
})

test('what stops a call passes through unchanged', async () => {
  const stopped = new CountersignError('suspended', 'waits')
  const theirs = tool(
    () => {
      throw stopped
    },
    { name: 'a', description: '', schema: z.object({}) },
  )
  await expect(fromLangChainTool(theirs).execute({}, context())).rejects.toBe(stopped)
})

test('without Countersign nothing is granted', () => {
  expect(() => toolContextOf({})).toThrow('nothing is granted')
})

test('our tool inside LangChain is run by the host, with the arguments as they were written', async () => {
  const calls: unknown[] = []
  const ours = defineTool({
    name: 'pay',
    description: 'Pays.',
    input: z.strictObject({ amount: z.number().default(5), note: z.string().transform((text) => text.length) }),
    examples: ['Pay 5'],
    execute: () => Promise.reject(new Error('never called directly')),
  })
  const theirs = toLangChainTool(ours, async (called, input, config) => {
    calls.push(called.name, input, config.configurable?.thread_id)
    return 'paid'
  })
  expect(theirs).toMatchObject({ name: 'pay', description: 'Pays.', metadata: { examples: ['Pay 5'] } })
  expect(theirs.schema).toMatchObject({ properties: { amount: { type: 'number' } }, required: ['note'] })
  expect(await theirs.invoke({ note: 'abc' }, { configurable: { thread_id: 't' } })).toBe('paid')
  expect(calls).toEqual(['pay', { note: 'abc' }, 't'])
})
