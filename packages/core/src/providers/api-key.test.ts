import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { AuthProvider } from '../auth/auth-provider.ts'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import type { JsonValue } from '../protocol/json.ts'
import { providerContract } from '../testing/provider-contract.ts'
import { scriptedModel } from '../testing/scripted-model.ts'
import { until } from '../testing/until.ts'
import { virtualRuntime } from '../testing/virtual-runtime.ts'
import { createWorld } from '../testing/world.ts'
import { authoriseRequest, textsOf } from '../tool/authorise-request.ts'
import { type ToolContext, defineTool } from '../tool/tool.ts'
import { apiKey } from './api-key.ts'
import { hostileContext } from './hostile-sign-in.ts'

const key = 'sk-1f7e9a20c4'
const API = 'https://api.example'
const least = { raw_key: key, origins: [API] }

providerContract(
  'an API key',
  async () => ({
    provider: make(),
    context: hostileContext(virtualRuntime()),
    requirement: { provider: 'key', scopes: ['read'] },
    secrets: [key],
    tokenRequests: () => 0,
  }),
  { describe, test, expect },
)

test("NAT's entry is understood as it is", () => {
  const entry = { raw_key: key, auth_scheme: 'Custom', custom_header_name: 'X-Custom', custom_header_prefix: 'Key', preflight_auth: true }
  expect(apiKey.config.safeParse(entry).success).toBe(true)
})

test('the key does not show when its configuration or its credential is printed', async () => {
  const credential = await begin(make(), {})
  const printed = inspect([apiKey.config.parse(least), credential], { depth: 9, showHidden: true }) + JSON.stringify(credential)
  expect(printed).not.toContain(key)
})

test.each<readonly [string, object, object]>([
  ['as a bearer token, when nothing is said', {}, { tokenType: 'bearer' }],
  ['in the usual header', { auth_scheme: 'X-API-Key' }, { tokenType: 'api_key', place: { in: 'header', name: 'X-API-Key' } }],
  [
    'in a header of its own',
    { auth_scheme: 'Custom', custom_header_name: 'X-Auth' },
    { tokenType: 'api_key', place: { in: 'header', name: 'X-Auth' } },
  ],
  [
    'after a word',
    { auth_scheme: 'Custom', custom_header_name: 'Authorization', custom_header_prefix: 'Token' },
    { tokenType: 'api_key', place: { in: 'header', name: 'Authorization', prefix: 'Token' } },
  ],
  ['in the address', { auth_scheme: 'Query', query_parameter: 'key' }, { tokenType: 'api_key', place: { in: 'query', name: 'key' } }],
  ['in a cookie', { auth_scheme: 'Cookie', cookie_name: 'key' }, { tokenType: 'api_key', place: { in: 'cookie', name: 'key' } }],
])('a key goes %s', async (_name, entry, way) => {
  const credential = await begin(make(entry), {})
  expect(credential.accessToken.reveal()).toBe(key)
  expect(credential).toMatchObject({ ...way, host: 'api.example', scopes: [] })
})

test('the word before a key stands before it on the request, and is no part of the secret', async () => {
  const entry = { auth_scheme: 'Custom', custom_header_name: 'Authorization', custom_header_prefix: 'Token' }
  const credential = await begin(make(entry), {})
  const { headers } = await authoriseRequest(new Request(API), credential, undefined)
  expect(headers.get('authorization')).toBe(`Token ${key}`)
  expect(textsOf(credential)).toEqual([key])
})

describe('refused, naming the key:', () => {
  test.each<readonly [string, object, string]>([
    ['a short key', { raw_key: 'short' }, 'raw_key'],
    ['a key with a line break', { raw_key: 'abcdefgh\r\nX-Evil: 1' }, 'raw_key'],
    ['a key that no cookie can carry', { raw_key: 'abcdefg;h', auth_scheme: 'Cookie', cookie_name: 'k' }, 'raw_key'],
    ['the scheme for users and passwords', { auth_scheme: 'Basic' }, 'auth_scheme'],
    ['a header without its name', { auth_scheme: 'Custom', custom_header_prefix: 'Key' }, 'custom_header_name'],
    ['a header that is none', { auth_scheme: 'Custom', custom_header_name: 'X Key' }, 'custom_header_name'],
    ['a header of the connection', { auth_scheme: 'Custom', custom_header_name: 'Host' }, 'custom_header_name'],
    [
      'a prefix with a line break',
      { auth_scheme: 'Custom', custom_header_name: 'X', custom_header_prefix: 'a\nb' },
      'custom_header_prefix',
    ],
    ['a header for a bearer token', { custom_header_name: 'X-Key' }, 'custom_header_name'],
    ['an address without its parameter', { auth_scheme: 'Query' }, 'query_parameter'],
    ['http beyond this computer', { origins: ['http://api.example'] }, 'origins'],
    ['an API with a path', { origins: ['https://api.example/v1'] }, 'origins'],
    ['no API at all', { origins: [] }, 'origins'],
  ])('%s', (_name, entry, wrong) => {
    const issues = apiKey.config.safeParse({ ...least, ...entry }).error?.issues ?? []
    expect(issues.map(({ path }) => path[0])).toEqual([wrong])
    expect(JSON.stringify(issues)).not.toContain(key)
  })
})

test('a key in an address is warned of', () => {
  const config = apiKey.config.parse({ ...least, auth_scheme: 'Query', query_parameter: 'key' })
  expect(apiKey.cautions?.(config)).toEqual({ auth_scheme: expect.stringContaining('logs') })
  expect(apiKey.cautions?.(apiKey.config.parse(least))).toEqual({})
})

test('a key that may go nowhere is not handed out', async () => {
  await expect(begin(make({ origins: undefined }), {})).rejects.toMatchObject({
    code: 'invalid_config',
    message: 'auth provider "key" does not say where its secret may go: give the API in "origins"',
  })
  await expect(begin(make(), { origins: ['https://other.example'] })).rejects.toMatchObject({ code: 'invalid_config' })
})

test('where a key may go is what its entry and the tool both say, or the one that says it', () => {
  const two = make({ origins: [`${API}/`, 'http://localhost:8080'] })
  expect(two.originsOf?.({ provider: 'key' })).toEqual([API, 'http://localhost:8080'])
  expect(two.originsOf?.({ provider: 'key', origins: [API, 'https://evil.example'] })).toEqual([API])
  expect(make({ origins: undefined }).originsOf?.({ provider: 'key', origins: [API] })).toEqual([API])
})

describe('a model that chooses the address', () => {
  test('gets an answer from the API of the key, without the key', async () => {
    const { requests, told } = await fetching(`${API}/echo`, make({ auth_scheme: 'X-API-Key' }))
    expect(requests).toEqual([[`${API}/echo`, key]])
    expect(told).toMatchObject([{ status: 'ok', output: 'you sent [secret]' }])
  })

  test.each([
    'https://evil.example/echo',
    'https://api.example.evil.example/echo',
    'https://api.example:8443/echo',
    'http://api.example/echo',
  ])('does not get the key to %s', async (address) => {
    const { requests, told } = await fetching(address, make({ auth_scheme: 'X-API-Key' }))
    expect(requests).toEqual([])
    expect(told).toMatchObject([{ status: 'failed' }])
  })

  test('gets a key without any API nowhere, although another tool has just used it', async () => {
    const { requests, told } = await fetching('https://evil.example/echo', make({ origins: undefined, auth_scheme: 'X-API-Key' }), [API])
    expect(requests).toEqual([[`${API}/first`, key]])
    expect(told).toMatchObject([{ status: 'failed' }])
  })
})

function make(entry: object = {}): AuthProvider {
  return apiKey.create(apiKey.config.parse({ ...least, ...entry }), { name: 'key' })
}

async function begin(provider: AuthProvider, requirement: Partial<AuthRequirement>) {
  const step = await provider.begin({ provider: 'key', ...requirement }, hostileContext(virtualRuntime()))
  if (step.status !== 'granted') throw new Error(`not granted but ${step.status}`)
  return step.credential
}

/** A run whose model calls `fetch_page` with an address of its choice; before that, with `first`, a tool that is for these APIs only. */
async function fetching(address: string, provider: AuthProvider, first: readonly string[] = []) {
  const requests: (readonly [string, string | null])[] = []
  const runtime = virtualRuntime({
    fetch: async (input, init) => {
      const { url, headers } = new Request(input, init)
      requests.push([url, headers.get('x-api-key')])
      return new Response(`you sent ${headers.get('x-api-key')}`)
    },
  })
  const tool = (name: string, origins: readonly string[]) =>
    defineTool({
      name,
      description: 'Reads a page.',
      input: z.object({ address: z.string() }),
      auth: { provider: 'key', ...(origins.length > 0 && { origins }) },
      idempotent: true,
      execute: async ({ address: asked }: { address: string }, { fetch }: ToolContext): Promise<JsonValue> => (await fetch(asked)).text(),
    })
  const calls = [...first.map((origin) => ['read_api', `${origin}/first`] as const), ['fetch_page', address] as const]
  const model = scriptedModel((messages) => {
    const [name, asked] = calls[messages.filter(({ role }) => role === 'tool').length] ?? []
    return name === undefined ? ['Done.'] : [{ call: name, input: { address: asked } }]
  })
  const world = createWorld({
    model,
    tools: [tool('fetch_page', []), tool('read_api', first)],
    providers: new Map([['key', provider]]),
    runtime,
  })
  const runId = await world.say('Read it.')
  await until(world.store, async () => (await world.run(runId)).endedAt ?? undefined)
  const last = model.requests.at(-1)?.at(-1)
  return { requests, told: last?.role === 'tool' ? last.results.map(({ status, output }) => ({ status, output })) : last }
}
