import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEMO_CLIENTS, HEADLESS_CLIENTS } from './demo-clients.ts'
import { startDemoProvider } from './start-demo-provider.ts'
import type { DemoProvider } from './start-demo-provider.ts'
import { claimsOf } from './testing/clients/claims-of.ts'
import { TestClient } from './testing/clients/test-client.ts'

let provider: DemoProvider
beforeAll(async () => {
  provider = await startDemoProvider({ port: 0 })
})
afterAll(() => provider.stop())

const INVALID_GRANT = { error: 'invalid_grant' }

test.each(Object.values(DEMO_CLIENTS))('a person signs in to $clientId and it learns who they are', async (demoClient) => {
  const client = await TestClient.of(provider.issuer, demoClient)
  const tokens = await client.redeem(await client.signedIn('Ada Lovelace'))
  expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: 300, scope: 'openid profile email offline_access' })
  expect(oauth.getValidatedIdTokenClaims(tokens)).toMatchObject({ iss: provider.issuer, sub: 'ada-lovelace', aud: demoClient.clientId })
  expect(await (await client.me(tokens.access_token)).json()).toEqual({
    sub: 'ada-lovelace',
    name: 'Ada Lovelace',
    preferred_username: 'ada-lovelace',
    email: 'ada-lovelace@example.test',
  })
})

test('the id token is signed with a key of this run', async () => {
  const client = await TestClient.of(provider.issuer)
  const response = await fetch(client.server.jwks_uri ?? '')
  const { keys } = (await response.json()) as { keys: Record<string, unknown>[] }
  expect(keys).toHaveLength(1)
  expect(Object.keys(keys[0] ?? {}).toSorted()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use'])
})

test('a wrong client secret is refused', async () => {
  const client = await TestClient.of(provider.issuer, { ...DEMO_CLIENTS.confidential, clientSecret: 'wrong' })
  await expect(client.redeem(await client.signedIn())).rejects.toMatchObject({ status: 401 })
})

test.each([
  ['without a code challenge', { code_challenge: undefined, code_challenge_method: undefined }],
  ['with the plain method', { code_challenge_method: 'plain' }],
])('a request %s is refused, for every client', async (_case, changes) => {
  for (const demoClient of Object.values(DEMO_CLIENTS)) {
    const client = await TestClient.of(provider.issuer, demoClient)
    const landing = await client.authorize(changes)
    expect(() => client.callback(landing)).toThrow(expect.objectContaining({ error: 'invalid_request' }))
  }
})

test.each([
  [
    'says no',
    async (client: TestClient) =>
      client.browser.submit(await client.browser.submit(await client.authorize(), { login: 'Ada' }), { decision: 'deny' }),
  ],
  ['does not even sign in', async (client: TestClient) => client.browser.submit(await client.authorize(), { decision: 'cancel' })],
])('when the person %s the app hears access_denied with state and iss', async (_case, walk) => {
  const client = await TestClient.of(provider.issuer)
  const landing = await walk(client)
  expect(() => client.callback(landing)).toThrow(expect.objectContaining({ error: 'access_denied' }))
  expect([...landing.url.searchParams.keys()].toSorted()).toEqual(['error', 'error_description', 'iss', 'state'])
})

test('a code used twice is refused and takes the first token with it', async () => {
  const client = await TestClient.of(provider.issuer)
  const parameters = await client.signedIn()
  const tokens = await client.redeem(parameters)
  await expect(client.redeem(parameters)).rejects.toMatchObject(INVALID_GRANT)
  expect((await client.me(tokens.access_token)).status).toBe(401)
})

test('a refresh token works once, and its reuse ends the grant', async () => {
  for (const demoClient of Object.values(DEMO_CLIENTS)) {
    const client = await TestClient.of(provider.issuer, demoClient)
    const { refresh_token: first = '' } = await client.redeem(await client.signedIn())
    const second = await client.refresh(first)
    expect(second.refresh_token).not.toBe(first)
    expect((await client.me(second.access_token)).status).toBe(200)
    await expect(client.refresh(first)).rejects.toMatchObject(INVALID_GRANT)
    await expect(client.refresh(second.refresh_token ?? '')).rejects.toMatchObject(INVALID_GRANT)
    expect((await client.me(second.access_token)).status).toBe(401)
  }
})

test("a client revokes its own token and nobody else's", async () => {
  const client = await TestClient.of(provider.issuer)
  const { access_token: token } = await client.redeem(await client.signedIn())
  await (await TestClient.of(provider.issuer, DEMO_CLIENTS.confidential)).revoke(token)
  expect((await client.me(token)).status).toBe(200)
  await client.revoke(token)
  expect((await client.me(token)).status).toBe(401)
})

test('an app that does not ask for offline access gets no refresh token, and its token ends with the session', async () => {
  const client = await TestClient.of(provider.issuer)
  const consent = await client.browser.submit(await client.authorize({ scope: 'openid' }), { login: 'Ada' })
  const tokens = await client.redeem(client.callback(await client.browser.submit(consent, { decision: 'allow' })))
  expect(tokens.refresh_token).toBeUndefined()
  const home = await client.browser.submit(await client.browser.visit('/'), {})
  expect(home.text).toContain('Nobody is signed in here')
  expect((await client.me(tokens.access_token)).status).toBe(401)
})

test('a request that was pushed leaves only the client and its address in the URL', async () => {
  const client = await TestClient.of(provider.issuer, DEMO_CLIENTS.confidential)
  const consent = await client.browser.submit(await client.authorizePushed(), { login: 'Ada' })
  const tokens = await client.redeem(client.callback(await client.browser.submit(consent, { decision: 'allow' })))
  expect(tokens.scope).toContain('openid')
})

test('a token for an API names it, and is not one for userinfo', async () => {
  const resource = `${provider.issuer}/api/reports`
  const client = await TestClient.of(provider.issuer)
  const details = [{ type: 'report_access', identifiers: ['First quarter'], actions: ['read'] }]
  const asked = { scope: 'openid read:reports', resource, authorization_details: JSON.stringify(details) }
  const consent = await client.browser.submit(await client.authorize(asked), { login: 'Ada' })
  for (const words of ['Read the reports', 'Use reports', 'First quarter']) expect(consent.text).toContain(words)
  const tokens = await client.redeem(client.callback(await client.browser.submit(consent, { decision: 'allow' })))
  expect(claimsOf(tokens.access_token)).toMatchObject({ aud: resource, scope: 'read:reports', sub: 'ada', authorization_details: details })
  expect((await client.me(tokens.access_token)).status).toBe(401)
  expect((await fetch(resource, { headers: { authorization: `Bearer ${tokens.access_token}` } })).status).toBe(200)
})

test('a terminal may be answered on any port of this computer, and nowhere else', async () => {
  const client = await TestClient.of(provider.issuer, HEADLESS_CLIENTS.terminal)
  for (const redirect_uri of [
    'http://127.0.0.1:49152/auth/redirect',
    'http://[::1]:50000/auth/redirect',
    'http://localhost:1/auth/redirect',
  ])
    expect((await client.authorize({ redirect_uri })).text).toContain('<h1>Sign in</h1>')
  for (const redirect_uri of ['http://127.0.0.1:49152/other', 'http://example.test/auth/redirect', 'https://127.0.0.1:49152/auth/redirect'])
    expect((await client.authorize({ redirect_uri })).status).toBe(400)
})
