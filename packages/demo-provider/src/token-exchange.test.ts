import { generateKeyPair, SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { DEMO_CLIENTS, HEADLESS_CLIENTS } from './demo-clients.ts'
import type { DemoClient } from './demo-clients.ts'
import { startDemoProvider } from './start-demo-provider.ts'
import type { DemoProvider } from './start-demo-provider.ts'
import { claimsOf } from './testing/clients/claims-of.ts'
import { TestClient } from './testing/clients/test-client.ts'
import { TestPhone } from './testing/test-phone.ts'
import { TestService } from './testing/clients/test-service.ts'

const STRANGER: DemoClient = {
  clientId: 'stranger',
  clientSecret: 'stranger-secret',
  name: 'A stranger',
  authentication: 'client_secret_basic',
  grants: ['token_exchange'],
}
const AGENT = 'https://agent.test/'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

let provider: DemoProvider
let reports: string
beforeAll(async () => {
  const agent = {
    id: AGENT,
    name: 'Agent',
    scopes: { 'read:reports': 'Read', 'agent:use': 'Use' },
    clients: [HEADLESS_CLIENTS.ciba.clientId],
  }
  provider = await startDemoProvider({ port: 0, pollIntervalSeconds: 0.05, clients: [STRANGER], resources: [agent] })
  reports = `${provider.issuer}/api/reports`
})
afterAll(() => provider.stop())
afterEach(() => {
  vi.useRealTimers()
})

/** A token of Ada's, as an agent has it after she approved. */
async function adasToken(resource = reports, scope = 'openid read:reports'): Promise<string> {
  const client = await TestService.of(provider.issuer, HEADLESS_CLIENTS.ciba)
  const ack = await client.ask({ login_hint: 'ada-lovelace', scope, resource })
  await (await (await TestPhone.of(provider.issuer, 'Ada Lovelace')).nextRequest()).approve()
  return (await client.poll(ack.auth_req_id)).access_token
}

const exchanger = () => TestService.of(provider.issuer, HEADLESS_CLIENTS.exchange)

test("an agent exchanges a person's token for a narrower one that names both", async () => {
  const subject = await adasToken(reports, 'openid read:reports write:reports')
  const tokens = await (await exchanger()).exchange(subject, { resource: reports, scope: 'read:reports' })
  expect(tokens).toMatchObject({ issued_token_type: ACCESS_TOKEN, token_type: 'bearer', scope: 'read:reports' })
  expect(claimsOf(tokens.access_token)).toMatchObject({
    sub: 'ada-lovelace',
    aud: reports,
    scope: 'read:reports',
    client_id: HEADLESS_CLIENTS.exchange.clientId,
    act: { sub: HEADLESS_CLIENTS.exchange.clientId },
  })
})

test('an actor token says who acts, and whoever acted before stays behind them', async () => {
  const service = await TestService.of(provider.issuer, HEADLESS_CLIENTS.service)
  const actor = await service.clientCredentials({ resource: reports, scope: 'read:reports' })
  const acting = { actor_token: actor.access_token, actor_token_type: ACCESS_TOKEN }
  const client = await exchanger()
  const first = await client.exchange(await adasToken(), { resource: reports, scope: 'read:reports' })
  const second = await client.exchange(first.access_token, { resource: reports, scope: 'read:reports', ...acting })
  expect(claimsOf(second.access_token)['act']).toEqual({
    sub: HEADLESS_CLIENTS.service.clientId,
    act: { sub: HEADLESS_CLIENTS.exchange.clientId },
  })
  const bad = { actor_token: 'forged', actor_token_type: ACCESS_TOKEN }
  await expect(client.exchange(first.access_token, { resource: reports, scope: 'read:reports', ...bad })).rejects.toMatchObject({
    error: 'invalid_grant',
  })
})

test('an exchange never widens: a scope that the person did not give is named in the refusal', async () => {
  const client = await exchanger()
  const subject = await adasToken()
  for (const scope of ['write:reports', 'read:reports write:reports', 'openid', '']) {
    await expect(client.exchange(subject, { resource: reports, scope })).rejects.toMatchObject({ error: 'invalid_scope', status: 400 })
  }
  const body = { grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange', subject_token: subject, subject_token_type: ACCESS_TOKEN }
  const { clientId, clientSecret } = HEADLESS_CLIENTS.exchange
  const response = await fetch(`${provider.issuer}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
    body: new URLSearchParams({ ...body, resource: reports, scope: 'write:reports' }),
  })
  expect(await response.json()).toMatchObject({ error: 'invalid_scope', scope: 'write:reports' })
})

test('the new token ends with the old one at the latest', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const subject = await adasToken()
  vi.setSystemTime(Date.now() + 200_000)
  const tokens = await (await exchanger()).exchange(subject, { resource: reports, scope: 'read:reports' })
  expect(claimsOf(tokens.access_token)['exp']).toBe(claimsOf(subject)['exp'])
  vi.setSystemTime(Date.now() + 200_000)
  await expect((await exchanger()).exchange(subject, { resource: reports, scope: 'read:reports' })).rejects.toMatchObject({
    error: 'invalid_grant',
  })
})

test('a forged, altered or foreign subject token is no grant', async () => {
  const client = await exchanger()
  const subject = await adasToken()
  const { privateKey } = await generateKeyPair('RS256')
  const forged = await new SignJWT({ ...claimsOf(subject) }).setProtectedHeader({ alg: 'RS256', typ: 'at+jwt' }).sign(privateKey)
  const [header, , signature] = subject.split('.')
  const mallory = Buffer.from(JSON.stringify({ ...claimsOf(subject), sub: 'mallory' })).toString('base64url')
  const unsigned = `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${subject.split('.')[1]}.`
  for (const token of [forged, `${header}.${mallory}.${signature}`, unsigned, 'made-up', await adasToken(AGENT)]) {
    await expect(client.exchange(token, { resource: reports, scope: 'read:reports' })).rejects.toMatchObject({ error: 'invalid_grant' })
  }
})

test('an ID token is not a subject token, and only access tokens are given', async () => {
  const client = await exchanger()
  const subject = await adasToken()
  const parameters = { resource: reports, scope: 'read:reports' }
  const idToken = 'urn:ietf:params:oauth:token-type:id_token'
  await expect(client.exchange(subject, { ...parameters, subject_token_type: idToken })).rejects.toMatchObject({ error: 'invalid_request' })
  await expect(client.exchange(subject, { ...parameters, requested_token_type: idToken })).rejects.toMatchObject({
    error: 'invalid_request',
  })
})

test('a client exchanges for an API it may use, and a client without the grant not at all', async () => {
  const subject = await adasToken()
  const wanted = { resource: reports, scope: 'read:reports' }
  const stranger = await TestService.of(provider.issuer, STRANGER)
  await expect(stranger.exchange(subject, wanted)).rejects.toMatchObject({ error: 'invalid_target' })
  await expect((await exchanger()).exchange(subject, { ...wanted, resource: AGENT })).rejects.toMatchObject({ error: 'invalid_target' })
  const service = await TestService.of(provider.issuer, HEADLESS_CLIENTS.service)
  await expect(service.exchange(subject, wanted)).rejects.toMatchObject({ error: 'invalid_request' })
})

test('an opaque token of a sign-in is known, but holds no scope of an API; a revoked one is not even known', async () => {
  const browser = await TestClient.of(provider.issuer, DEMO_CLIENTS.confidential)
  const { access_token: token } = await browser.redeem(await browser.signedIn())
  const client = await exchanger()
  await expect(client.exchange(token, { resource: reports, scope: 'read:reports' })).rejects.toMatchObject({ error: 'invalid_scope' })
  await browser.revoke(token)
  await expect(client.exchange(token, { resource: reports, scope: 'read:reports' })).rejects.toMatchObject({ error: 'invalid_grant' })
})
