import { AIMessage, HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages'
import type { AIMessageChunk } from '@langchain/core/messages'
import { fakeModel } from '@langchain/core/testing'
import fc from 'fast-check'
import { createAgent, FakeToolCallingModel, tool } from 'langchain'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { CallResult, Message } from '../protocol/message.ts'
import type { Model, ModelEvent, ModelRequest } from '../run/model.ts'
import { fromChatModel } from './from-chat-model.ts'
import { JoinedCalls } from './joined-calls.ts'
import type { CallPiece } from './joined-calls.ts'
import { fromLangChainMessages, toLangChainMessages } from './messages.ts'
import { toChatModel } from './to-chat-model.ts'

const whoAmI = { name: 'who_am_i', description: 'The signed-in account.', inputSchema: { type: 'object', properties: {} } }

function request(parts: Partial<ModelRequest> = {}): ModelRequest {
  return { messages: [{ role: 'user', text: 'Who am I?' }], tools: [], signal: new AbortController().signal, ...parts }
}

async function collect(events: AsyncIterable<ModelEvent>): Promise<ModelEvent[]> {
  const all: ModelEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

function join(pieces: readonly CallPiece[]): unknown {
  const calls = new JoinedCalls('m')
  for (const piece of pieces) calls.add(piece)
  return calls.finish()
}

test('a chat model that answers at once gives its text and its calls', async () => {
  const theirs = fakeModel()
    .respond(new AIMessage({ content: 'Let me see.', tool_calls: [{ id: 'c1', name: 'who_am_i', args: { deep: { a: 1 } } }] }))
    .respond(new AIMessage('You are Ada.'))
  const model = fromChatModel(theirs, { name: 'fake' })
  expect(model.name).toBe('fake')
  expect(await collect(model.stream(request({ tools: [whoAmI], systemPrompt: 'Be brief.' })))).toEqual([
    { type: 'text', text: 'Let me see.' },
    { type: 'call', tool: 'who_am_i', input: { deep: { a: 1 } } },
  ])
  expect(theirs.calls[0]?.messages.map((message) => message.type)).toEqual(['system', 'human'])
  expect(await collect(model.stream(request()))).toEqual([{ type: 'text', text: 'You are Ada.' }])
})

test('text parts of a content array are text, other parts are not', async () => {
  const content = [
    { type: 'reasoning', reasoning: 'hm' },
    { type: 'text', text: 'Hello ' },
    { type: 'text', text: 'Ada' },
  ]
  const model = fromChatModel(fakeModel().respond(new AIMessage({ content })))
  expect(await collect(model.stream(request()))).toEqual([{ type: 'text', text: 'Hello Ada' }])
})

test('the tool calls of LangChain’s own fake arrive', async () => {
  const theirs = new FakeToolCallingModel({ toolCalls: [[{ id: 'a', name: 'who_am_i', args: {} }]] })
  const events = await collect(fromChatModel(theirs).stream(request({ tools: [whoAmI] })))
  expect(events).toContainEqual({ type: 'call', tool: 'who_am_i', input: {} })
})

test('a failing model is named, its words are not repeated', async () => {
  const cause = Object.assign(new Error('Incorrect API key provided: sk-very-secret'), { status: 401, code: 'invalid_api_key' })
  const attempt = collect(fromChatModel(fakeModel().alwaysThrow(cause), { name: 'gpt' }).stream(request()))
  const error: unknown = await attempt.catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({
    code: 'model_failed',
    message: 'model "gpt" did not answer: HTTP 401 (invalid_api_key); check its API key',
    details: { status: 401, reason: 'invalid_api_key' },
  })
  expect((error as Error).cause).toBeUndefined()
})

test('an aborted request rejects with the signal’s reason', async () => {
  const controller = new AbortController()
  const reason = new Error('newer message')
  controller.abort(reason)
  await expect(
    collect(fromChatModel(fakeModel().respond(new AIMessage('late'))).stream(request({ signal: controller.signal }))),
  ).rejects.toBe(reason)
})

test('pieces of interleaved calls are joined by index', () => {
  expect(
    join([
      { index: 0, id: 'a', name: 'one', args: '' },
      { index: 1, id: 'b', name: 'two', args: '{"x"' },
      { index: 0, args: '{}' },
      { index: 1, args: ':2}' },
    ]),
  ).toEqual([
    { type: 'call', tool: 'one', input: {} },
    { type: 'call', tool: 'two', input: { x: 2 } },
  ])
})

test('two calls under one index, as some providers send them, stay two', () => {
  expect(
    join([
      { index: 0, id: 'a', name: 'one', args: '{}' },
      { index: 0, id: 'b', name: 'two', args: '{}' },
    ]),
  ).toHaveLength(2)
})

test.each(['{"a":', '[1]', '"text"', 'null'])('arguments %s are no JSON object, so the reply fails', (args) => {
  expect(() => join([{ index: 0, id: 'a', name: 'pay', args }])).toThrow('model "m" called "pay" with arguments that are not a JSON object')
})

test('a call without a name fails the reply', () => {
  expect(() => join([{ index: 0, args: '{}' }])).toThrow('without naming the tool')
})

test('however a call is cut into pieces, it is the same call', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.nat(20)), (input, cuts) => {
      const text = JSON.stringify(input)
      const marks = [...new Set([0, ...cuts.map((cut) => cut % (text.length + 1)), text.length])].toSorted((a, b) => a - b)
      const pieces = marks.slice(1).map((end, at) => ({ index: 0, args: text.slice(marks[at], end) }))
      expect(join([{ index: 0, id: 'a', name: 't', args: '' }, ...pieces])).toEqual([{ type: 'call', tool: 't', input: JSON.parse(text) }])
    }),
  )
})

test('results of one reply become one ToolMessage each, with call id and status', () => {
  const results: CallResult[] = [
    { callId: 'c1', tool: 'who_am_i', status: 'ok', output: { name: 'Ada' } },
    { callId: 'c2', tool: 'pay', status: 'refused', output: { error: 'access_denied', message: 'Bob declined.' } },
  ]
  const theirs = toLangChainMessages([{ role: 'tool', results }])
  expect(
    theirs.map((message) => ToolMessage.isInstance(message) && [message.tool_call_id, message.name, message.status, message.content]),
  ).toEqual([
    ['c1', 'who_am_i', 'success', '{"name":"Ada"}'],
    ['c2', 'pay', 'error', '{"error":"access_denied","message":"Bob declined."}'],
  ])
})

const message = fc.oneof(
  fc.record({ role: fc.constant('user' as const), text: fc.string() }),
  fc.record({
    role: fc.constant('assistant' as const),
    text: fc.string(),
    calls: fc.array(
      fc.record({
        id: fc.string({ minLength: 1 }),
        tool: fc.string({ minLength: 1 }),
        input: fc.dictionary(fc.stringMatching(/^[a-z]+$/), fc.string()),
      }),
    ),
  }),
)
const results = fc.record({
  role: fc.constant('tool' as const),
  results: fc.array(
    fc.record({
      callId: fc.string({ minLength: 1 }),
      tool: fc.string({ minLength: 1 }),
      status: fc.constantFrom('ok' as const, 'refused' as const, 'failed' as const, 'cancelled' as const),
      output: fc.oneof(fc.string(), fc.constant({ a: [1, null, 'x'] }), fc.integer(), fc.constant(null)),
    }),
    { minLength: 1 },
  ),
})

test('messages survive the way there and back', () => {
  fc.assert(
    fc.property(fc.array(message), results, (before, last) => {
      const messages: Message[] = [...before, last]
      expect(fromLangChainMessages(toLangChainMessages(messages, 'Be brief.'))).toEqual({ messages, systemPrompt: 'Be brief.' })
    }),
  )
})

test('LangChain’s own history is understood: neighbouring results, names from the calls, JSON text', () => {
  const { messages, systemPrompt } = fromLangChainMessages([
    new SystemMessage('one'),
    new HumanMessage([{ type: 'text', text: 'hi' }]),
    new AIMessage({
      content: '',
      tool_calls: [
        { id: 'x', name: 'who_am_i', args: {} },
        { id: 'y', name: 'pay', args: {} },
      ],
    }),
    new ToolMessage({ tool_call_id: 'x', content: '{"name":"Ada"}' }),
    new ToolMessage({ tool_call_id: 'y', content: 'no funds', status: 'error' }),
    new SystemMessage('two'),
  ])
  expect(systemPrompt).toBe('one\n\ntwo')
  expect(messages.map((entry) => entry.role)).toEqual(['user', 'assistant', 'tool'])
  expect(messages[2]).toEqual({
    role: 'tool',
    results: [
      { callId: 'x', tool: 'who_am_i', status: 'ok', output: { name: 'Ada' } },
      { callId: 'y', tool: 'pay', status: 'failed', output: 'no funds' },
    ],
  })
})

/** Calls `who_am_i` on a person's message and reads its result out. */
const reader: Model = {
  name: 'reader',
  async *stream({ messages, tools }) {
    const last = messages.at(-1)
    if (last?.role === 'tool') {
      yield { type: 'text', text: 'You are ' }
      yield { type: 'text', text: JSON.stringify(last.results[0]?.output) }
    } else yield { type: 'call', tool: tools[0]?.name ?? '', input: { examples: [...(tools[0]?.examples ?? [])] } }
  },
}

test('our model drives createAgent', async () => {
  const seen: unknown[] = []
  const theirTool = tool((input: unknown) => (seen.push(input), JSON.stringify({ name: 'Ada' })), {
    name: 'who_am_i',
    description: 'The signed-in account.',
    schema: z.object({ examples: z.array(z.string()) }),
    metadata: { examples: ['Who am I?'] },
  })
  const agent = createAgent({ model: toChatModel(reader), tools: [theirTool] })
  const { messages } = await agent.invoke({ messages: [new HumanMessage('Who am I?')] })
  expect(messages.at(-1)?.content).toBe('You are {"name":"Ada"}')
  expect(seen).toEqual([{ examples: ['Who am I?'] }])
})

test('our model streams as a chat model, and comes back unchanged', async () => {
  const chatModel = toChatModel(reader, { id: () => 'call-1' })
  const asked = [
    new AIMessage({ content: '', tool_calls: [{ id: 'c', name: 'who_am_i', args: {} }] }),
    new ToolMessage({ tool_call_id: 'c', content: '7' }),
  ]
  const chunks: AIMessageChunk[] = []
  for await (const chunk of await chatModel.stream(asked)) chunks.push(chunk)
  expect(chunks.map((chunk) => chunk.content).filter((content) => content !== '')).toEqual(['You are ', '7'])
  const there = fromChatModel(chatModel)
  expect(there.name).toBe('reader')
  expect(await collect(there.stream(request({ tools: [whoAmI] })))).toEqual([{ type: 'call', tool: 'who_am_i', input: { examples: [] } }])
})
