import { beforeEach, expect, test } from 'vitest'
import { digestText } from '../runtime/digest.ts'
import { virtualRuntime } from '../testing/virtual-runtime.ts'
import type { VirtualRuntime } from '../testing/virtual-runtime.ts'
import { hostileServer, metadata, paths } from './hostile-server.ts'
import type { HostileServer } from './hostile-server.ts'
import { hostileContext, hostileProvider, openSignIn } from './hostile-sign-in.ts'
import { providers } from './index.ts'

let server: HostileServer
let runtime: VirtualRuntime
beforeEach(() => {
  server = hostileServer('https://login.example')
  runtime = virtualRuntime({ fetch: (input, init) => server.answer(new Request(input, init)) })
})

test('beginning asks nobody, and shows only the host', async () => {
  const provider = hostileProvider({ server })
  const step = await provider.begin({ provider: 'hostile' }, hostileContext(runtime))
  expect(step).toEqual({ status: 'waiting', challenge: { kind: 'oauth_consent', host: 'login.example' }, state: {} })
  expect(server.requests).toEqual([])
})

test('the request carries what was asked, and the challenge of its own verifier', async () => {
  const { address, sent } = await openSignIn({
    server,
    runtime,
    scopes: ['openid', 'read'],
    resource: 'https://api.example/',
    entry: { scopes: ['email'] },
  })
  expect(address.origin + address.pathname).toBe('https://login.example/authorize')
  expect(Object.fromEntries(address.searchParams)).toEqual({
    response_type: 'code',
    client_id: 'client',
    redirect_uri: 'http://localhost:8000/auth/redirect',
    scope: 'email openid read',
    state: sent['state'],
    nonce: sent['nonce'],
    code_challenge: digestText(runtime, sent['verifier'] ?? ''),
    code_challenge_method: 'S256',
    resource: 'https://api.example/',
  })
})

test('what is secret or single-use is new for each browser that comes', async () => {
  const [first, second] = [
    await openSignIn({ server, runtime, scopes: ['openid'] }),
    await openSignIn({ server, runtime, scopes: ['openid'] }),
  ]
  for (const key of ['state', 'verifier', 'nonce']) expect(first.state[key]).not.toBe(second.state[key])
  expect(first.sent['state']).toMatch(/^[\w-]{43}$/)
})

test.each([
  ['is asked for', {}, 'consent'],
  ['is configured', { authorization_kwargs: { prompt: 'login consent', max_age: 60 } }, 'login consent'],
])('offline access needs an explicit consent: the prompt %s', async (_name, entry, prompt) => {
  const { address } = await openSignIn({ server, runtime, scopes: ['offline_access'], entry })
  expect(address.searchParams.get('prompt')).toBe(prompt)
})

test("the endpoint's own query stays, but cannot speak for us", async () => {
  server.script[paths.oidc] = () =>
    Response.json(
      metadata(server.issuer, {
        authorization_endpoint: 'https://login.example/authorize?tenant=7&state=a&state=b&code_challenge_method=plain',
      }),
    )
  const { address, state } = await openSignIn({ server, runtime })
  expect(address.searchParams.get('tenant')).toBe('7')
  expect(address.searchParams.getAll('state')).toEqual([state['state']])
  expect(address.searchParams.getAll('code_challenge_method')).toEqual(['S256'])
})

test('a configured redirect_uri counts before the one of the server', async () => {
  const redirect_uri = 'https://app.example/auth/redirect'
  const { address, state } = await openSignIn({ server, runtime, entry: { redirect_uri } })
  expect([address.searchParams.get('redirect_uri'), state['redirectUri']]).toEqual([redirect_uri, redirect_uri])
})

test('use_pkce: false changes nothing but the log', async () => {
  const entry = { use_pkce: false }
  const provider = hostileProvider({ server, entry })
  for (let times = 0; times < 3; times += 1) await provider.begin({ provider: 'hostile' }, hostileContext(runtime))
  expect(runtime.logged).toMatchObject([{ level: 'warn', facts: { provider: 'hostile' } }])
  const { address } = await openSignIn({ server, runtime, entry })
  expect(address.searchParams.get('code_challenge_method')).toBe('S256')
})

test('only unsafe_disable_pkce leaves PKCE out, and the exchange knows it', async () => {
  const { address, comeBack } = await openSignIn({ server, runtime, entry: { unsafe_disable_pkce: true } })
  expect(address.searchParams.has('code_challenge')).toBe(false)
  expect((await comeBack()).step).toMatchObject({ status: 'granted' })
  expect(server.requests.at(-1)?.form.has('code_verifier')).toBe(false)
})

test('what is asked for in detail is sent word for word', async () => {
  const authorizationDetails = [{ type: 'payment', amount: '50.00', to: ['DE02'] }]
  const { address } = await openSignIn({ server, runtime, requirement: { authorizationDetails } })
  expect(JSON.parse(address.searchParams.get('authorization_details') ?? '')).toEqual(authorizationDetails)
})

test.each<readonly [string, object, string | undefined, readonly string[]]>([
  ['none', {}, undefined, []],
  ['the configured one', { resource: 'https://api.example/' }, undefined, ['https://api.example/']],
  ['each of several', { resource: ['https://a.example/', 'urn:b'] }, undefined, ['https://a.example/', 'urn:b']],
  ["the tool's own before them", { resource: ['https://a.example/', 'urn:b'] }, 'https://tool.example/', ['https://tool.example/']],
  ['not the one of an old file as well', { resource: 'urn:new', authorization_kwargs: { resource: 'urn:old' } }, undefined, ['urn:new']],
])('the APIs that a token is for are named in both requests: %s', async (...[, entry, resource, expected]) => {
  const signIn = await openSignIn({ server, runtime, entry, ...(resource !== undefined && { resource }) })
  expect(signIn.address.searchParams.getAll('resource')).toEqual(expected)
  await signIn.comeBack()
  expect(server.requests.at(-1)?.form.getAll('resource')).toEqual(expected)
})

test('the provider is found by the _type of its entries', () => {
  expect(providers.get('oauth2_auth_code_flow').type).toBe('oauth2_auth_code_flow')
  expect(() => providers.get('oauth2')).toThrow(/known: .*oauth2_auth_code_flow/)
})
