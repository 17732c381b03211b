import { expect, test } from 'vitest'
import { allOf, stateIn, stateOf, wordsOf } from './agent-client.ts'
import { type AgentStage, agentStage } from './agent-stage.ts'
import { SCOPE, type TokenIssuer } from './token-issuer.ts'

/** What is sent, by hand, with whatever credential. */
async function send({ url }: AgentStage, authorization?: string, accept = 'application/json'): Promise<Response> {
  const headers = {
    'content-type': 'application/json',
    'a2a-version': '1.0',
    accept,
    ...(authorization !== undefined && { authorization }),
  }
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'GetTask', params: { id: 'nothing' } })
  return fetch(`${url}/a2a`, { method: 'POST', headers, body })
}

async function answer(response: Response): Promise<readonly unknown[]> {
  return [response.status, response.headers.get('www-authenticate'), await response.json()]
}

const unauthorized = [401, 'Bearer', { error: 'unauthorized' }]
const invalid = [401, 'Bearer error="invalid_token"', { error: 'invalid_token' }]
const insufficient = [403, `Bearer error="insufficient_scope", scope="${SCOPE}"`, { error: 'insufficient_scope' }]

test('who brings no token is told only that one is needed, also where a stream was wanted', async () => {
  const stage = await agentStage()
  expect(await answer(await send(stage))).toEqual(unauthorized)
  expect(await answer(await send(stage, 'Basic YTpi'))).toEqual(unauthorized)
  expect(await answer(await send(stage, undefined, 'text/event-stream'))).toEqual(unauthorized)
})

const past = Math.floor(Date.now() / 1_000) - 600

test.each<readonly [string, (issuer: TokenIssuer) => string]>([
  ['no token at all', () => 'no-token'],
  ['a token signed by somebody else', (issuer) => issuer.forged('client')],
  ['a token that nobody signed', (issuer) => issuer.token('client', {}, { alg: 'none' })],
  ['a token whose signature is of a secret', (issuer) => issuer.token('client', {}, { alg: 'HS256' })],
  ['a token of an unknown key', (issuer) => issuer.token('client', {}, { kid: 'unknown' })],
  ['an ID token', (issuer) => issuer.token('client', {}, { typ: 'JWT' })],
  ['a token for another audience', (issuer) => issuer.token('client', { aud: 'https://staff0.example/api' })],
  ['a token of another issuer', (issuer) => issuer.token('client', { iss: 'https://other.example' })],
  ['a token that has expired', (issuer) => issuer.token('client', { iat: past - 60, exp: past })],
  ['a token that never expires', (issuer) => issuer.token('client', { exp: undefined })],
  ['a token of nobody', (issuer) => issuer.token('client', { sub: undefined })],
  ['a token that is not good yet', (issuer) => issuer.token('client', { nbf: past + 1_200 })],
  ['a token that is bound to a key', (issuer) => issuer.token('client', { cnf: { jkt: 'thumbprint' } })],
  ['a token longer than any', (issuer) => issuer.token('client', { padding: 'x'.repeat(7_000) })],
])('%s is refused without a word of why', async (_name, tokenOf) => {
  const stage = await agentStage()
  expect(await answer(await send(stage, `Bearer ${tokenOf(stage.issuer)}`))).toEqual(invalid)
})

test.each([undefined, '', 'other', `${SCOPE}:more`])(
  'a token with the scope %j is refused, and the scope that is needed is named',
  async (scope) => {
    const stage = await agentStage()
    expect(await answer(await send(stage, `Bearer ${stage.issuer.token('client', { scope })}`))).toEqual(insufficient)
  },
)

test('a token lets in, whatever the case of its scheme, and however its scopes are written', async () => {
  const stage = await agentStage()
  for (const authorization of [
    `bearer ${stage.issuer.token('client')}`,
    `Bearer ${stage.issuer.token('client', { scope: undefined, scp: ['more', SCOPE] })}`,
    `Bearer ${stage.issuer.token('client', { aud: ['https://other.example', 'https://agents.example/asked'] })}`,
  ])
    expect((await send(stage, authorization)).status).toBe(200)
})

test('a key that came after the start is found, and unknown keys do not have the issuer asked each time', async () => {
  const stage = await agentStage()
  expect((await send(stage, `Bearer ${stage.issuer.token('client')}`)).status).toBe(200)
  for (const kid of ['a', 'b', 'c', 'd']) await send(stage, `Bearer ${stage.issuer.token('client', {}, { kid })}`)
  expect(stage.issuer.keyReads).toBeLessThanOrEqual(2)
})

test('a key that is published in place of another is used by an agent that starts', async () => {
  const stage = await agentStage()
  stage.issuer.rotate()
  expect((await send(stage, `Bearer ${stage.issuer.token('client')}`)).status).toBe(200)
})

test('an issuer that is away is no word against a token', async () => {
  const stage = await agentStage()
  const token = stage.issuer.token('client')
  stage.issuer.leave()
  const response = await send(stage, `Bearer ${token}`)
  expect([response.status, response.headers.get('www-authenticate'), await response.json()]).toEqual([
    503,
    null,
    { error: 'temporarily_unavailable' },
  ])
})

test('an issuer that goes away later takes nobody out whose key is known', async () => {
  const stage = await agentStage()
  const token = stage.issuer.token('client')
  await send(stage, `Bearer ${token}`)
  stage.issuer.leave()
  expect((await send(stage, `Bearer ${token}`)).status).toBe(200)
})

test('a token that expires mid-way gets the next request refused, and the task goes on', async () => {
  const { issuer, world, client: open } = await agentStage()
  let token = issuer.token('client')
  const client = await open('client', () => token)
  const task = await client.ask('ring')
  token = issuer.token('client', { iat: past - 60, exp: past })
  await expect(client.get(task.id)).rejects.toThrow('401')
  world.phone = 'granted'
  token = issuer.token('client')
  expect(stateOf(await client.until(task.id, 'completed'))).toBe('completed')
})

test('a stream ends when its token does', async () => {
  const { issuer, client: open } = await agentStage()
  // Thirty seconds of difference between clocks are allowed at the door; a stream is not held for longer than the token says.
  const client = await open('client', () => issuer.token('client', { exp: Math.floor(Date.now() / 1_000) + 2 }))
  const news = await allOf(client.stream('ring'))
  expect(stateIn(news.at(-1) ?? {})).toBe('auth-required')
})

test('two clients, and two users of one client, see nothing of each other', async () => {
  const { issuer, client: open } = await agentStage()
  const ada = await open('ada')
  const task = await ada.ask('pick')
  const others = [await open('bob'), await open('ada', () => issuer.token('ada', { sub: 'somebody' }))]
  for (const other of others) {
    await expect(other.get(task.id)).rejects.toThrow('There is no such task.')
    await expect(other.cancel(task.id)).rejects.toThrow('There is no such task.')
    await expect(other.ask('red', { taskId: task.id })).rejects.toThrow('There is no such task.')
    await expect(other.follow(task.id).next()).rejects.toThrow('There is no such task.')
    await expect(other.ask('Hello', { contextId: task.contextId })).rejects.toThrow('There is no such context.')
    for (const contextId of ['', task.contextId]) expect((await other.list({ contextId })).tasks).toEqual([])
  }
  expect(wordsOf(await ada.ask('red', { taskId: task.id }))).toBe('Done: [{"colour":"red"}]')
})

test('nothing of a token reaches the log', async () => {
  const stage = await agentStage()
  const tokens = [stage.issuer.token('client'), stage.issuer.forged('client')]
  for (const token of tokens) await send(stage, `Bearer ${token}`)
  for (const token of tokens) for (const part of token.split('.').slice(1)) expect(stage.lines.join('\n')).not.toContain(part)
})
