import { expect, test } from 'vitest'
import { z } from 'zod'
import type { AuthProvider } from '../auth/auth-provider.ts'
import type { Credential } from '../auth/credential.ts'
import type { JsonValue } from '../protocol/json.ts'
import { Secret } from '../runtime/secret.ts'
import { scriptedModel } from '../testing/scripted-model.ts'
import { until } from '../testing/until.ts'
import { virtualRuntime } from '../testing/virtual-runtime.ts'
import { createWorld } from '../testing/world.ts'
import { defineTool, type ToolContext } from './tool.ts'

const API = 'https://api.example'
const apiKey = (place: Credential['place'], key = 'k3y/with+signs'): Partial<Credential> => ({
  tokenType: 'api_key',
  accessToken: new Secret(key),
  ...(place && { place }),
})
const proofKey = new Secret(
  JSON.stringify({
    kty: 'EC',
    crv: 'P-256',
    x: 'l1A87xcE2mcan1E7CzWLy2XsOy1g3U2pCV6WN01_mT4',
    y: '1cYA6k1wEXtb88GWMlp8xVyOeihUe9cB8-7mOJDdRPc',
    d: 'Paw8b4ps4EwXOdBOw4kMjM5nTPZsA0w2_eckFxiezw4',
  }),
)
const bound: Partial<Credential> = { tokenType: 'dpop', accessToken: new Secret('bound-token'), proofKey }

test.each<readonly [string, Partial<Credential>, RequestInit, (request: Request) => unknown, unknown]>([
  ['a bearer token', {}, {}, ({ headers }) => headers.get('authorization'), 'Bearer a-token'],
  [
    'a user and password',
    { tokenType: 'basic', accessToken: new Secret(btoa('ada:pass:word')) },
    {},
    ({ headers }) => headers.get('authorization'),
    `Basic ${btoa('ada:pass:word')}`,
  ],
  [
    'a key in a header, instead of what the tool put there',
    apiKey({ in: 'header', name: 'X-API-Key' }),
    { headers: { 'x-api-key': 'of the model' } },
    ({ headers }) => headers.get('x-api-key'),
    'k3y/with+signs',
  ],
  [
    'a key in the query, beside what is there',
    apiKey({ in: 'query', name: 'key' }),
    {},
    ({ url }) => [...new URL(url).searchParams],
    [
      ['page', '2'],
      ['key', 'k3y/with+signs'],
    ],
  ],
  [
    'a key in a cookie, beside the others',
    apiKey({ in: 'cookie', name: 'key' }),
    { headers: { cookie: 'a=1; key=of the model; b=2' } },
    ({ headers }) => headers.get('cookie'),
    'a=1; b=2; key=k3y/with+signs',
  ],
])('%s goes where its kind goes', async (...[, credential, init, seen, expected]) => {
  const { requests, result } = await entered(credential, async ({ fetch }) => (await fetch(`${API}/x?page=2`, init)).status)
  expect(result).toMatchObject([{ status: 'ok', output: 200 }])
  expect(requests.map(seen)).toEqual([expected])
})

test('a key in the query leaves the method and the body as they are', async () => {
  const { requests } = await entered(apiKey({ in: 'query', name: 'key' }), async ({ fetch }) => {
    return (await fetch(`${API}/pay`, { method: 'POST', body: '50', headers: { 'x-kind': 'payment' } })).status
  })
  const [request] = requests
  expect([request?.method, await request?.text(), request?.headers.get('x-kind')]).toEqual(['POST', '50', 'payment'])
})

test.each<readonly [string, Partial<Credential>, readonly string[]]>([
  ['a password', { tokenType: 'basic', accessToken: new Secret(btoa('ada:pass:word')) }, ['pass:word', btoa('ada:pass:word')]],
  ['a key in a header', apiKey({ in: 'header', name: 'X-API-Key' }), ['k3y/with+signs']],
  ['a key in an address', apiKey({ in: 'query', name: 'key' }), ['k3y/with+signs', 'k3y%2Fwith%2Bsigns']],
  ['a key with a blank in an address', apiKey({ in: 'query', name: 'key' }, 'k3y with blank'), ['k3y+with+blank', 'k3y%20with%20blank']],
  ['a bound token', bound, ['bound-token']],
])('%s that an API sends back reaches nobody', async (_name, credential, secrets) => {
  const { result, shown } = await entered(credential, async ({ fetch }) => {
    const response = await fetch(`${API}/echo`)
    return [response.status, await response.text(), ...secrets]
  })
  expect(result).toMatchObject([{ status: 'ok' }])
  for (const secret of secrets) expect(shown).not.toContain(secret)
})

test('a key is not taken along by a redirect, even where the tool wants to follow it', async () => {
  const { requests } = await entered(apiKey({ in: 'header', name: 'X-API-Key' }), async ({ fetch }) => {
    return (await fetch(`${API}/x`, { redirect: 'follow' })).status
  })
  expect(requests.map(({ redirect }) => redirect)).toEqual(['manual'])
})

test.each<readonly [string, Partial<Credential>]>([
  ['has no place', apiKey(undefined)],
  ['holds a line break', apiKey({ in: 'header', name: 'X-API-Key' }, 'k3y\r\nx-evil: 1')],
])('a key that %s goes nowhere, and shows nowhere', async (_name, credential) => {
  const { requests, result, shown } = await entered(credential, async ({ fetch }) => (await fetch(`${API}/x`)).status)
  expect(requests).toEqual([])
  expect(result).toMatchObject([{ status: 'failed', output: { error: 'invalid_config' } }])
  expect(shown).not.toContain('k3y')
})

test('a bound token goes with a proof for its request', async () => {
  const { requests } = await entered(bound, async ({ fetch }) => (await fetch(`${API}/x?page=2`, { method: 'DELETE' })).status)
  expect(requests[0]?.headers.get('authorization')).toBe('DPoP bound-token')
  expect(claimsOf(requests[0])).toMatchObject({ htm: 'DELETE', htu: `${API}/x` })
})

test('an API that wants its nonce in the proof is asked once more, and keeps being told it', async () => {
  const answer = (request: Request): Response => (claimsOf(request)['nonce'] === 'n1' ? new Response('done') : wantsNonce())
  const work = async ({ fetch }: ToolContext): Promise<JsonValue> => {
    const paid = await fetch(`${API}/pay`, { method: 'POST', body: '50' })
    return [paid.status, (await fetch(`${API}/x`)).status]
  }
  const { requests, result } = await entered(bound, work, answer)
  expect(result).toMatchObject([{ status: 'ok', output: [200, 200] }])
  expect(requests.map((request) => claimsOf(request)['nonce'])).toEqual([undefined, 'n1', 'n1'])
  expect(new Set(requests.map((request) => claimsOf(request)['jti'])).size).toBe(3)
})

test('an API that never takes its own nonce is not asked for ever', async () => {
  const { requests, result } = await entered(bound, async ({ fetch }) => (await fetch(`${API}/x`)).status, wantsNonce)
  expect(result).toMatchObject([{ output: 401 }])
  // Twice for the credential as it was, twice for what renewing it brought.
  expect(requests.length).toBeLessThanOrEqual(4)
})

test('a body that flows is not sent again for a nonce: the tool gets the 401', async () => {
  const work = async ({ fetch }: ToolContext): Promise<JsonValue> =>
    (await fetch(new Request(`${API}/pay`, { method: 'POST', body: '50' }))).status
  const { requests, result } = await entered(bound, work, wantsNonce)
  expect(result).toMatchObject([{ output: 401 }])
  expect(requests).toHaveLength(1)
})

function wantsNonce(): Response {
  return new Response(null, { status: 401, headers: { 'dpop-nonce': 'n1', 'www-authenticate': 'DPoP error="use_dpop_nonce"' } })
}

function claimsOf(request: Request | undefined): Record<string, unknown> {
  const [, claims = ''] = (request?.headers.get('dpop') ?? '').split('.')
  return JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>
}

/** One call of a tool whose provider has this credential at hand: what went out, and what the model was told of it. */
async function entered(
  credential: Partial<Credential>,
  work: (context: ToolContext) => Promise<JsonValue>,
  answer: (request: Request) => Response = ({ url, headers }) => new Response(`${url} ${[...headers].join(' ')}`),
) {
  const requests: Request[] = []
  const runtime = virtualRuntime({
    fetch: async (input, init) => {
      const request = new Request(input, init)
      requests.push(request)
      return answer(request)
    },
  })
  const full = { tokenType: 'bearer', accessToken: new Secret('a-token'), scopes: [], expiresAt: null, ...credential } as const
  const provider: AuthProvider = {
    type: 'at_hand',
    notifies: false,
    reuse: 'service',
    host: 'api.example',
    clientId: 'at hand',
    scopesOf: () => [],
    begin: async () => ({ status: 'granted', credential: full }),
  }
  const tool = defineTool({
    name: 'caller',
    description: 'Calls.',
    input: z.object({}),
    auth: { provider: 'at_hand' },
    execute: (_input, context) => work(context),
  })
  const model = scriptedModel((messages) => (messages.at(-1)?.role === 'user' ? [{ call: 'caller' }] : ['Done.']))
  const world = createWorld({ model, tools: [tool], providers: new Map([['at_hand', provider]]), runtime })
  const runId = await world.say('Call.')
  await until(world.store, async () => ((await world.run(runId)).endedAt === null ? undefined : true))
  const last = model.requests.at(-1)?.at(-1)
  const result = last?.role === 'tool' ? last.results.map(({ status, output }) => ({ status, output })) : last
  return { requests, result, shown: JSON.stringify([result, await world.events(), runtime.logged]) }
}
