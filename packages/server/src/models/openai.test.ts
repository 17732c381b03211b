import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { inspect } from 'node:util'
import { isCountersignError, Secret } from '@countersign/core'
import type { Model, ModelEvent, ModelRequest } from '@countersign/core'
import { expect, onTestFinished, test } from 'vitest'
import { lazyModel } from './lazy-model.ts'
import { missingPackage, openaiModel } from './openai.ts'
import type { OpenAiOptions } from './openai.ts'

const key = 'sk-planted-0123456789'

/** An OpenAI-compatible server on a free port; `answer` gets each request with its body read. */
async function modelAt(
  answer: (response: ServerResponse, body: Record<string, unknown>, request: IncomingMessage) => void,
  options: Partial<OpenAiOptions> = {},
): Promise<Model> {
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (part: Buffer) => (text += part.toString()))
    request.on('end', () => answer(response, JSON.parse(text), request))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return openaiModel({ baseUrl: `http://127.0.0.1:${port}/v1`, apiKey: new Secret(key), modelName: 'tiny', maxRetries: 0, ...options })
}

function sendDelta(response: ServerResponse, delta: object, finish: string | null = null): void {
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' })
  const chunk = {
    id: 'r',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'tiny',
    choices: [{ index: 0, delta, finish_reason: finish }],
  }
  response.write(`data: ${JSON.stringify(chunk)}\n\n`)
}

function modelRequest(parts: Partial<ModelRequest> = {}): ModelRequest {
  return { messages: [{ role: 'user', text: 'Who am I?' }], tools: [], signal: new AbortController().signal, ...parts }
}

async function collect(events: AsyncIterable<ModelEvent>): Promise<ModelEvent[]> {
  const all: ModelEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

const whoAmI = { name: 'who_am_i', description: 'The account.', inputSchema: { type: 'object', properties: { full: { type: 'boolean' } } } }

test('text streams, a call that came in pieces is whole, and the server saw the whole question', async () => {
  let seen: Record<string, unknown> = {}
  let authorization: string | undefined
  const model = await modelAt(
    (response, body, { headers }) => {
      seen = body
      authorization = headers.authorization
      sendDelta(response, { role: 'assistant', content: 'Let me ' })
      sendDelta(response, { content: 'look.' })
      sendDelta(response, { tool_calls: [{ index: 0, id: 'c1', type: 'function', function: { name: 'who_am_i', arguments: '' } }] })
      sendDelta(response, { tool_calls: [{ index: 0, function: { arguments: '{"full"' } }] })
      sendDelta(response, { tool_calls: [{ index: 1, id: 'c2', type: 'function', function: { name: 'who_am_i', arguments: '{}' } }] })
      sendDelta(response, { tool_calls: [{ index: 0, function: { arguments: ':true}' } }] })
      sendDelta(response, {}, 'tool_calls')
      response.end('data: [DONE]\n\n')
    },
    { temperature: 0, maxTokens: 99, topP: 0.5, seed: 7 },
  )
  const messages: ModelRequest['messages'] = [
    { role: 'user', text: 'Who am I?' },
    { role: 'assistant', text: '', calls: [{ id: 'our-1', tool: 'who_am_i', input: {} }] },
    {
      role: 'tool',
      results: [{ callId: 'our-1', tool: 'who_am_i', status: 'refused', output: { error: 'access_denied', message: 'No.' } }],
    },
  ]
  expect(await collect(model.stream(modelRequest({ messages, tools: [whoAmI], systemPrompt: 'Be brief.' })))).toEqual([
    { type: 'text', text: 'Let me ' },
    { type: 'text', text: 'look.' },
    { type: 'call', tool: 'who_am_i', input: { full: true } },
    { type: 'call', tool: 'who_am_i', input: {} },
  ])
  expect(model.name).toBe('tiny')
  expect(authorization).toBe(`Bearer ${key}`)
  expect(seen).toMatchObject({
    model: 'tiny',
    stream: true,
    temperature: 0,
    top_p: 0.5,
    seed: 7,
    tools: [{ type: 'function', function: { name: 'who_am_i', description: 'The account.', parameters: whoAmI.inputSchema } }],
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Who am I?' },
      { role: 'assistant', tool_calls: [{ id: 'our-1', type: 'function', function: { name: 'who_am_i', arguments: '{}' } }] },
      { role: 'tool', tool_call_id: 'our-1', content: '{"error":"access_denied","message":"No."}' },
    ],
  })
  expect(JSON.stringify(seen)).not.toContain('countersign_status')
  expect([seen['max_tokens'], seen['max_completion_tokens']]).toContain(99)
})

test('an abort in mid-stream closes the request and rejects with the signal’s reason', async () => {
  let closed: () => void
  const isClosed = new Promise<void>((resolve) => (closed = resolve))
  const model = await modelAt((response) => {
    response.on('close', () => closed())
    sendDelta(response, { role: 'assistant', content: 'one ' })
  })
  const controller = new AbortController()
  const reason = new Error('the person pressed stop')
  const seen: ModelEvent[] = []
  const reading = (async () => {
    for await (const event of model.stream(modelRequest({ signal: controller.signal }))) {
      seen.push(event)
      controller.abort(reason)
    }
  })()
  await expect(reading).rejects.toBe(reason)
  expect(seen).toEqual([{ type: 'text', text: 'one ' }])
  await isClosed
})

test('a reader who leaves early closes the request too', async () => {
  let closed: () => void
  const isClosed = new Promise<void>((resolve) => (closed = resolve))
  const model = await modelAt((response) => {
    response.on('close', () => closed())
    sendDelta(response, { role: 'assistant', content: 'one ' })
  })
  for await (const _ of model.stream(modelRequest())) break
  await isClosed
})

test.each([
  [401, 'invalid_api_key', 'model "tiny" did not answer: HTTP 401 (invalid_api_key); check its API key'],
  [500, 'server_error', 'model "tiny" did not answer: HTTP 500 (server_error)'],
])('HTTP %i is model_failed, and the key the server repeats is nowhere in the error', async (status, code, message) => {
  const model = await modelAt((response) => {
    response.writeHead(status, { 'content-type': 'application/json', 'x-echo': key })
    response.end(JSON.stringify({ error: { message: `bad key ${key}`, type: code, code } }))
  })
  const error: unknown = await collect(model.stream(modelRequest())).catch((thrown: unknown) => thrown)
  expect(isCountersignError(error, 'model_failed')).toBe(true)
  expect(error).toMatchObject({ message, details: { model: 'tiny', status, reason: code } })
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('planted')
})

test('arguments that are cut off fail the reply instead of calling with nothing', async () => {
  const model = await modelAt((response) => {
    const started = { index: 0, id: 'c1', type: 'function', function: { name: 'who_am_i', arguments: '{"full"' } }
    sendDelta(response, { role: 'assistant', tool_calls: [started] })
    sendDelta(response, {}, 'length')
    response.end('data: [DONE]\n\n')
  })
  await expect(collect(model.stream(modelRequest({ tools: [whoAmI] })))).rejects.toThrow(
    'model "tiny" called "who_am_i" with arguments that are not',
  )
})

test('a server that is not there is said by its reason', async () => {
  const model = await openaiModel({ baseUrl: 'http://127.0.0.1:1/v1', apiKey: new Secret(key), modelName: 'tiny', maxRetries: 0 })
  await expect(collect(model.stream(modelRequest()))).rejects.toMatchObject({ code: 'model_failed', details: { model: 'tiny' } })
})

test('a missing provider package names the command that installs it', () => {
  expect(missingPackage(new Error('ERR_MODULE_NOT_FOUND'))).toMatchObject({
    code: 'invalid_config',
    message: 'OpenAI-compatible models need a package that is not installed: npm install @langchain/openai@1.5.8',
  })
})

test('a lazy model is built once, when it is first asked, and again after a failed attempt', async () => {
  let built = 0
  const real: Model = {
    name: 'real',
    async *stream() {
      yield { type: 'text', text: 'hi' }
    },
  }
  const model = lazyModel('later', () => (++built === 1 ? Promise.reject(new Error('not yet')) : Promise.resolve(real)))
  expect([model.name, built]).toEqual(['later', 0])
  await expect(collect(model.stream(modelRequest()))).rejects.toThrow('not yet')
  await collect(model.stream(modelRequest()))
  expect(await collect(model.stream(modelRequest()))).toEqual([{ type: 'text', text: 'hi' }])
  expect(built).toBe(2)
})
