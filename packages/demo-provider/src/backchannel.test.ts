import { generateKeyPair } from 'jose'
import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accountOf } from './demo-accounts.ts'
import { HEADLESS_CLIENTS } from './demo-clients.ts'
import { startDemoProvider } from './start-demo-provider.ts'
import type { DemoProvider } from './start-demo-provider.ts'
import { claimsOf } from './testing/clients/claims-of.ts'
import { TestPhone } from './testing/test-phone.ts'
import { TestService } from './testing/clients/test-service.ts'

const { ciba, service, exchange } = HEADLESS_CLIENTS
const GUARDED = { sub: 'grace', name: 'Grace', preferred_username: 'grace', email: 'grace@example.test', userCode: '1906' }

let provider: DemoProvider
let reports: string
beforeAll(async () => {
  const ada = accountOf('Ada Lovelace')
  provider = await startDemoProvider({ port: 0, pollIntervalSeconds: 0.05, people: [...(ada ? [ada] : []), GUARDED] })
  reports = `${provider.issuer}/api/reports`
})
afterAll(() => provider.stop())

const payment = { type: 'payment_initiation', instructedAmount: { currency: 'EUR', amount: '123.50' }, creditorName: 'Merchant <b>A</b>' }

test('somebody approves on the phone, and the client gets a token for the API and learns who it was', async () => {
  const client = await TestService.of(provider.issuer, ciba)
  const phone = await TestPhone.of(provider.issuer, 'Ada Lovelace')
  const ack = await client.ask({
    login_hint: 'ada-lovelace',
    scope: 'openid read:reports',
    resource: reports,
    binding_message: 'Report 17, Ada: yes?',
  })
  expect(ack).toMatchObject({ expires_in: 300, interval: 0.05 })
  await expect(client.poll(ack.auth_req_id)).rejects.toMatchObject({ error: 'authorization_pending', status: 400 })
  const request = await phone.nextRequest()
  expect(request).toMatchObject({ bindingMessage: 'Report 17, Ada: yes?', clientName: ciba.name, scopes: ['openid', 'read:reports'] })
  await request.approve()
  const tokens = await client.poll(ack.auth_req_id)
  expect(oauth.getValidatedIdTokenClaims(tokens)).toMatchObject({ sub: 'ada-lovelace', aud: ciba.clientId })
  expect(claimsOf(tokens.access_token)).toMatchObject({
    sub: 'ada-lovelace',
    aud: reports,
    scope: 'read:reports',
    client_id: ciba.clientId,
  })
})

test.each([
  ['by identifier', 'ada-lovelace'],
  ['by e-mail address', 'ADA-lovelace@example.test'],
  ['by issuer and subject', 'iss_sub'],
])('a person is found %s', async (_case, hint) => {
  const client = await TestService.of(provider.issuer, ciba)
  const login_hint = hint === 'iss_sub' ? JSON.stringify({ format: 'iss_sub', iss: `${provider.issuer}/`, sub: 'ada-lovelace' }) : hint
  const ack = await client.ask({ login_hint })
  const phone = await TestPhone.of(provider.issuer, 'Ada Lovelace')
  await (await phone.nextRequest()).deny()
  await expect(client.poll(ack.auth_req_id)).rejects.toMatchObject({ error: 'access_denied' })
  await expect(client.poll(ack.auth_req_id)).rejects.toMatchObject({ error: 'invalid_grant' })
})

const ADA = { login_hint: 'ada-lovelace' }
test.each<[string, Readonly<Record<string, string>>, string]>([
  ['an unknown person', { login_hint: 'nobody' }, 'unknown_user_id'],
  ['the subject of another issuer', { login_hint: '{"format":"iss_sub","iss":"https://x.test/","sub":"ada-lovelace"}' }, 'unknown_user_id'],
  ['a hint that is broken JSON', { login_hint: '{"format":' }, 'invalid_request'],
  ['no hint', {}, 'invalid_request'],
  ['two hints', { ...ADA, login_hint_token: 'x' }, 'invalid_request'],
  ['no openid', { ...ADA, scope: 'profile' }, 'invalid_request'],
  ['a binding message of 65 characters', { ...ADA, binding_message: 'x'.repeat(65) }, 'invalid_binding_message'],
  ['a binding message that turns the text around', { ...ADA, binding_message: 'pay \u202e 100' }, 'invalid_binding_message'],
  ['a binding message of two lines', { ...ADA, binding_message: 'a\nb' }, 'invalid_binding_message'],
  ['an expiry of -1', { ...ADA, requested_expiry: '-1' }, 'invalid_request'],
  ['an unknown API', { ...ADA, resource: 'https://x.test/' }, 'invalid_target'],
  ['no user code where one is needed', { login_hint: 'grace' }, 'missing_user_code'],
  ['a wrong user code', { login_hint: 'grace', user_code: '1907' }, 'invalid_user_code'],
  ['an unknown type of details', { ...ADA, authorization_details: '[{"type":"none"}]' }, 'invalid_authorization_details'],
  ['broken details', { ...ADA, authorization_details: '[' }, 'invalid_authorization_details'],
  [
    'a payment without an amount',
    { ...ADA, authorization_details: '[{"type":"payment_initiation","creditorName":"A"}]' },
    'invalid_authorization_details',
  ],
])('a request with %s is refused and no phone rings', async (_case, parameters, error) => {
  const client = await TestService.of(provider.issuer, ciba)
  const phone = await TestPhone.of(provider.issuer, parameters['login_hint'] === 'grace' ? 'Grace' : 'Ada Lovelace')
  await expect(client.ask(parameters)).rejects.toMatchObject({ error, status: 400 })
  expect(await phone.waiting()).toEqual([])
})

test('the right user code lets the phone ring', async () => {
  const client = await TestService.of(provider.issuer, ciba)
  await client.ask({ login_hint: 'grace', user_code: '1906' })
  await (await (await TestPhone.of(provider.issuer, 'Grace')).nextRequest()).deny()
})

test('a client without the grant, and a body that is no form, are refused', async () => {
  await expect((await TestService.of(provider.issuer, service)).ask(ADA)).rejects.toMatchObject({ error: 'invalid_request' })
  const response = await fetch(`${provider.issuer}/oauth/bc-authorize`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_id: ciba.clientId, scope: 'openid', ...ADA }),
  })
  expect([response.status, await response.json()]).toMatchObject([400, { error: 'invalid_request' }])
})

test('a wish for a very long time is cut to ten minutes', async () => {
  const client = await TestService.of(provider.issuer, ciba)
  const phone = await TestPhone.of(provider.issuer, 'Ada Lovelace')
  expect((await client.ask({ ...ADA, requested_expiry: '86400' })).expires_in).toBe(600)
  await (await phone.nextRequest()).deny()
})

test('what the person leaves out is not in the token, and comes back by no refresh token either', async () => {
  const client = await TestService.of(provider.issuer, ciba)
  const phone = await TestPhone.of(provider.issuer, 'Ada Lovelace')
  const ack = await client.ask({ ...ADA, scope: 'openid offline_access read:reports write:reports', resource: reports })
  await (await phone.nextRequest()).approve(['read:reports', 'offline_access'])
  const tokens = await client.poll(ack.auth_req_id)
  expect(claimsOf(tokens.access_token)).toMatchObject({ scope: 'read:reports' })
  const again = await client.refresh(tokens.refresh_token ?? '')
  expect(claimsOf(again.access_token)).toMatchObject({ scope: 'read:reports', aud: reports })
  const other = await client.ask({ ...ADA, scope: 'openid offline_access read:reports', resource: reports })
  await (await phone.nextRequest()).approve(['read:reports'])
  expect((await client.poll(other.auth_req_id)).refresh_token).toBeUndefined()
  expect(await phone.earlier()).toContain('Approved in part')
})

test('nobody can approve more than was asked', async () => {
  const client = await TestService.of(provider.issuer, ciba)
  const phone = await TestPhone.of(provider.issuer, 'Ada Lovelace')
  const ack = await client.ask({ ...ADA, scope: 'openid read:reports', resource: reports })
  await (await phone.nextRequest()).approve(['read:reports', 'write:reports', 'offline_access', 'email'])
  const tokens = await client.poll(ack.auth_req_id)
  expect(claimsOf(tokens.access_token)).toMatchObject({ scope: 'read:reports' })
  expect(oauth.getValidatedIdTokenClaims(tokens)).not.toHaveProperty('email')
  expect(tokens.refresh_token).toBeUndefined()
})

test('a scope nobody knows is not shown and not given', async () => {
  const client = await TestService.of(provider.issuer, ciba)
  const phone = await TestPhone.of(provider.issuer, 'Ada Lovelace')
  const ack = await client.ask({ ...ADA, scope: 'openid read:reports delete:everything', resource: reports })
  const request = await phone.nextRequest()
  expect(request.scopes).toEqual(['openid', 'read:reports'])
  await request.approve()
  expect(claimsOf((await client.poll(ack.auth_req_id)).access_token)).toMatchObject({ scope: 'read:reports' })
  expect(await phone.earlier()).not.toMatch(/^Earlier Approved in part/)
})

test('details are read on the phone as words, and stand in the answer and the token', async () => {
  const client = await TestService.of(provider.issuer, ciba)
  const phone = await TestPhone.of(provider.issuer, 'Ada Lovelace')
  const ack = await client.ask({ ...ADA, resource: reports, authorization_details: JSON.stringify([payment]) })
  const request = await phone.nextRequest()
  expect(request.text).toContain('Make a payment Amount 123.50 EUR To Merchant <b>A</b>')
  await request.approve()
  const tokens = await client.poll(ack.auth_req_id)
  expect(tokens.authorization_details).toEqual([payment])
  expect(claimsOf(tokens.access_token)).toMatchObject({ authorization_details: [payment] })
})

test('the answer is given once: a second redemption is refused, and of two at once one wins', async () => {
  const client = await TestService.of(provider.issuer, ciba)
  const phone = await TestPhone.of(provider.issuer, 'Ada Lovelace')
  const ack = await client.ask(ADA)
  await (await phone.nextRequest()).approve()
  const outcomes = await Promise.allSettled([client.poll(ack.auth_req_id), client.poll(ack.auth_req_id)])
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  await expect(client.poll(ack.auth_req_id)).rejects.toMatchObject({ error: 'invalid_grant' })
})

test("another client's request, and a made-up one, are no grants", async () => {
  const client = await TestService.of(provider.issuer, ciba)
  const other = await TestService.of(provider.issuer, HEADLESS_CLIENTS.serviceKey)
  const phone = await TestPhone.of(provider.issuer, 'Ada Lovelace')
  const ack = await client.ask(ADA)
  await (await phone.nextRequest()).approve()
  await expect(other.poll(ack.auth_req_id)).rejects.toMatchObject({ error: 'invalid_grant' })
  await expect(client.poll('made-up')).rejects.toMatchObject({ error: 'invalid_grant' })
  await expect((await TestService.of(provider.issuer, exchange)).poll(ack.auth_req_id)).rejects.toMatchObject({ error: 'invalid_request' })
})

test('a token asked for with a proof is bound to its key', async () => {
  const client = await TestService.of(provider.issuer, ciba)
  const phone = await TestPhone.of(provider.issuer, 'Ada Lovelace')
  const ack = await client.ask({ ...ADA, scope: 'openid read:reports', resource: reports })
  await (await phone.nextRequest()).approve()
  const DPoP = oauth.DPoP(client.client, await generateKeyPair('ES256'))
  const tokens = await client.poll(ack.auth_req_id, { DPoP })
  expect(tokens.token_type).toBe('dpop')
  expect(claimsOf(tokens.access_token)['cnf']).toEqual({ jkt: await DPoP.calculateThumbprint() })
})
