import { request as httpRequest } from 'node:http'
import { expect, test } from 'vitest'
import { stateOf } from './agent-client.ts'
import { type AgentStage, agentStage } from './agent-stage.ts'

interface Sent {
  readonly headers?: Readonly<Record<string, string>>
  readonly query?: string
}

async function send({ url, issuer }: AgentStage, body: unknown, { headers = {}, query = '' }: Sent = {}): Promise<Response> {
  const all = { 'content-type': 'application/json', 'a2a-version': '1.0', authorization: `Bearer ${issuer.token('client')}`, ...headers }
  return fetch(`${url}/a2a${query}`, { method: 'POST', headers: all, body: typeof body === 'string' ? body : JSON.stringify(body) })
}

async function errorOf(response: Response): Promise<{ readonly code: number; readonly message: string } | undefined> {
  const { error } = (await response.json()) as { readonly error?: { readonly code: number; readonly message: string } }
  return error
}

const call = (method: string, params: unknown = {}): object => ({ jsonrpc: '2.0', id: 'a', method, params })
const message = (parts: unknown, more: object = {}): object => ({ message: { messageId: 'm', role: 'ROLE_USER', parts, ...more } })

test.each<readonly [string, unknown, number]>([
  ['what is no JSON', '{"jsonrpc":', -32_700],
  ['JSON nested without end', `${'['.repeat(5_000)}${']'.repeat(5_000)}`, -32_700],
  ['a member that reaches for the prototype', '{"__proto__":{"method":"GetTask"},"jsonrpc":"2.0","id":1}', -32_700],
  ['a list of requests', [call('GetTask')], -32_602],
  ['a word', '"GetTask"', -32_602],
  ['another JSON-RPC', { ...call('GetTask'), jsonrpc: '1.0' }, -32_602],
  ['an unknown method', call('DropTables'), -32_601],
  ['the method of an older protocol', call('message/send', message([{ text: 'Hello' }])), -32_601],
  ['parameters that are a list', call('GetTask', []), -32_602],
  ['no message', call('SendMessage'), -32_602],
  ['a message without an id', call('SendMessage', message([{ text: 'Hello' }], { messageId: '' })), -32_602],
  ['a message without words', call('SendMessage', message([])), -32_602],
  ['a message of spaces', call('SendMessage', message([{ text: ' \n' }])), -32_602],
  ['an id with a control character', call('SendMessage', message([{ text: 'Hello' }], { contextId: 'a\u0000b' })), -32_602],
  ['an id longer than any', call('SendMessage', message([{ text: 'Hello' }], { messageId: 'm'.repeat(201) })), -32_602],
  ['more text than anybody says', call('SendMessage', message([{ text: 'x'.repeat(60_000) }, { text: 'x'.repeat(60_000) }])), -32_602],
  ['more parts than anybody sends', call('SendMessage', message(Array.from({ length: 501 }, () => ({ text: 'x' })))), -32_602],
  ['a file', call('SendMessage', message([{ raw: 'AAAA', filename: 'a.exe' }])), -32_005],
  ['a file elsewhere', call('SendMessage', message([{ url: 'http://169.254.169.254/' }])), -32_005],
  ['parts that are none', call('SendMessage', message([7, null, 'x'])), -32_602],
  ['data that answers nothing', call('SendMessage', message([{ data: { anything: 1 } }])), -32_602],
  ['a task that is not there', call('GetTask', { id: 'nothing' }), -32_001],
  ['a task without an id', call('GetTask', {}), -32_001],
  ['a message to a task that is not there', call('SendMessage', message([{ text: 'Hello' }], { taskId: 'nothing' })), -32_001],
  ['a stream of a task that is not there', call('SubscribeToTask', { id: 'nothing' }), -32_001],
  ['a webhook', call('CreateTaskPushNotificationConfig', { taskId: 'x', url: 'https://hook.example' }), -32_003],
  [
    'a webhook with a message',
    call('SendMessage', { ...message([{ text: 'Hi' }]), configuration: { taskPushNotificationConfig: { url: 'https://hook.example' } } }),
    -32_003,
  ],
  ['an extended card', call('GetExtendedAgentCard'), -32_004],
  ['a page without end', call('ListTasks', { pageSize: 1_000 }), -32_602],
  ['a time that is none', call('ListTasks', { statusTimestampAfter: 'yesterday' }), -32_602],
])('%s gets the error that the protocol has for it', async (_name, body, code) => {
  const stage = await agentStage()
  const response = await send(stage, body)
  expect([response.status, (await errorOf(response))?.code]).toEqual([200, code])
  expect(stage.lines.filter((line) => line.includes('failed'))).toEqual([])
})

test.each([
  ['0.3', -32_009],
  ['', -32_009],
  ['2.0', -32_009],
  ['1.0', undefined],
  ['1.0.7', undefined],
])('a client that speaks %j gets %j', async (version, code) => {
  const stage = await agentStage()
  const response = await send(stage, call('ListTasks'), { headers: { 'a2a-version': version } })
  expect((await errorOf(response))?.code).toBe(code)
})

test('a body that is larger than may be, packed, or of another type is refused before it is read', async () => {
  const stage = await agentStage({ limits: { max_body_bytes: 4_096 } })
  expect((await send(stage, 'x'.repeat(5_000))).status).toBe(413)
  expect((await send(stage, '{}', { headers: { 'content-type': 'text/plain' } })).status).toBe(415)
  expect((await send(stage, '{}', { headers: { 'content-encoding': 'gzip' } })).status).toBe(415)
})

test('a message for a task of another context changes nothing', async () => {
  const stage = await agentStage()
  const client = await stage.client()
  const [task, other] = [await client.ask('pick'), await client.ask('Hello')]
  await expect(client.ask('red', { taskId: task.id, contextId: other.contextId })).rejects.toThrow('another context')
  expect(stateOf(await client.get(task.id))).toBe('input-required')
})

test('a client has as many questions open, contexts begun and messages sent as it may', async () => {
  const limits = { max_open_questions: 2, max_new_conversations_per_day: 3, max_messages_per_10_seconds: 6 }
  const client = await (await agentStage({ limits })).client()
  const first = await client.ask('pick')
  await client.ask('pick')
  await expect(client.ask('pick')).rejects.toThrow('Too many of your tasks wait')
  await client.cancel(first.id)
  await client.ask('Hello')
  await expect(client.ask('Hello')).rejects.toThrow('as many contexts today')
  await client.ask('Hello', { contextId: first.contextId })
  await expect(client.ask('Hello', { contextId: first.contextId })).rejects.toThrow('more messages than one client')
})

test('a client has as many streams as it may, and a place again when one ends', async () => {
  const { client: open } = await agentStage({ section: { max_streams_per_client: 2 } })
  const [client, other] = [await open('one'), await open('other')]
  const task = await client.ask('pick')
  const streams = [client.follow(task.id), client.follow(task.id)]
  for (const stream of streams) await stream.next()
  await expect(client.get(task.id)).rejects.toThrow('429')
  await other.ask('Hello')
  await streams[0]?.return()
  await expect.poll(async () => client.get(task.id).then(stateOf, () => 'refused')).toBe('input-required')
})

test('a client makes so many requests of any kind, and another is not held up by that', async () => {
  const stage = await agentStage({ limits: { max_messages_per_10_seconds: 1 } })
  const answers: Response[] = []
  // Ten for the one message; where a window ends meanwhile it may be one more.
  for (let count = 0; count < 13; count += 1) answers.push(await send(stage, call('ListTasks')))
  expect(answers.slice(0, 10).map(({ status }) => status)).toEqual(Array(10).fill(200))
  const last = answers.at(-1)
  expect([last?.status, last?.headers.get('retry-after'), await last?.json()]).toEqual([429, '10', { error: 'too_many_requests' }])
  const authorization = `Bearer ${stage.issuer.token('other')}`
  expect((await send(stage, call('ListTasks'), { headers: { authorization } })).status).toBe(200)
})

test('a stream without news shows that it is there', async () => {
  const stage = await agentStage({ limits: { heartbeat_seconds: 0.05 } })
  const response = await send(stage, call('SendStreamingMessage', message([{ text: 'ring' }])))
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  const decoder = new TextDecoder()
  let text = ''
  for await (const piece of response.body ?? []) {
    text += decoder.decode(piece, { stream: true })
    if (/AUTH_REQUIRED[^]*\n:\n\n:\n\n/.test(text)) break
  }
  expect(text).toContain('TASK_STATE_AUTH_REQUIRED')
})

test('without tokens a program on this computer may ask, and no page and no other name', async () => {
  const stage = await agentStage({ section: { server_auth: undefined } })
  expect((await send(stage, call('ListTasks'), { headers: { authorization: '' } })).status).toBe(200)
  expect((await send(stage, call('ListTasks'), { headers: { origin: 'https://evil.example' } })).status).toBe(403)
  const { port } = new URL(stage.url)
  const status = await new Promise((resolve, reject) => {
    const headers = { host: `evil.example:${port}`, 'content-type': 'application/json' }
    const sent = httpRequest({ host: '127.0.0.1', port, path: '/a2a', method: 'POST', headers }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    sent.on('error', reject)
    sent.end('{}')
  })
  expect(status).toBe(421)
})
