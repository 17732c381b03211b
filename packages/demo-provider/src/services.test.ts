import { createHash } from 'node:crypto'
import { generateKeyPair } from 'jose'
import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEMO_CLIENTS, HEADLESS_CLIENTS } from './demo-clients.ts'
import { startDemoProvider } from './start-demo-provider.ts'
import type { DemoProvider } from './start-demo-provider.ts'
import { claimsOf } from './testing/clients/claims-of.ts'
import { TestClient } from './testing/clients/test-client.ts'
import { TestService } from './testing/clients/test-service.ts'

const { service, serviceKey, ciba } = HEADLESS_CLIENTS
const OTHER_API = 'https://other.test/'
const FOREIGN_API = 'https://foreign.test/'

let provider: DemoProvider
let reports: string
beforeAll(async () => {
  const other = { id: OTHER_API, name: 'Other', scopes: { 'read:reports': 'Read' }, clients: [service.clientId], accessTokenTtlSeconds: 60 }
  provider = await startDemoProvider({ port: 0, resources: [other, { ...other, id: FOREIGN_API, clients: [] }] })
  reports = `${provider.issuer}/api/reports`
})
afterAll(() => provider.stop())

const tokenFor = async (parameters: Readonly<Record<string, string>>) =>
  (await (await TestService.of(provider.issuer, service)).clientCredentials(parameters)).access_token

test.each([service, serviceKey])('$clientId gets a token for an API, as itself', async (client) => {
  const tokens = await (
    await TestService.of(provider.issuer, client)
  ).clientCredentials({ resource: reports, scope: 'read:reports nothing' })
  expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: 300, scope: 'read:reports' })
  expect(claimsOf(tokens.access_token)).toMatchObject({ sub: client.clientId, aud: reports, scope: 'read:reports', iss: provider.issuer })
})

test('an API says how long its tokens live', async () => {
  const client = await TestService.of(provider.issuer, service)
  expect((await client.clientCredentials({ resource: OTHER_API, scope: 'read:reports' })).expires_in).toBe(60)
})

test.each([FOREIGN_API, 'https://unknown.test/'])('a token for %s, which this client may not use, is refused', async (resource) => {
  await expect(tokenFor({ resource, scope: 'read:reports' })).rejects.toMatchObject({ error: 'invalid_target', status: 400 })
})

test('without an API a token holds no scope, and opens nothing', async () => {
  const token = await tokenFor({ scope: 'read:reports' })
  expect(token.split('.')).toHaveLength(1)
  expect((await read(token)).status).toBe(401)
})

test('a wrong secret, a wrong key and a grant that was not given are refused', async () => {
  const wrong = await TestService.of(provider.issuer, { ...service, clientSecret: 'wrong' })
  await expect(wrong.clientCredentials({ scope: 'read:reports' })).rejects.toMatchObject({ status: 401 })
  const { privateKey: key } = await generateKeyPair('ES256')
  const server = wrong.server
  const request = oauth.clientCredentialsGrantRequest(
    server,
    { client_id: serviceKey.clientId },
    oauth.PrivateKeyJwt(key),
    {},
    {
      [oauth.allowInsecureRequests]: true,
    },
  )
  expect((await request).status).toBe(401)
  await expect((await TestService.of(provider.issuer, ciba)).clientCredentials({ resource: reports })).rejects.toMatchObject({
    error: 'invalid_request',
  })
})

test('a client looks into its own opaque tokens only, and into no signed one', async () => {
  const browser = await TestClient.of(provider.issuer, DEMO_CLIENTS.confidential)
  const { access_token: token } = await browser.redeem(await browser.signedIn())
  const own = await TestService.of(provider.issuer, DEMO_CLIENTS.confidential)
  expect(await own.introspect(token)).toMatchObject({ active: true, sub: 'ada-lovelace', client_id: DEMO_CLIENTS.confidential.clientId })
  expect(await (await TestService.of(provider.issuer, service)).introspect(token)).toEqual({ active: false })
  await browser.revoke(token)
  expect(await own.introspect(token)).toEqual({ active: false })
  const signed = await tokenFor({ resource: reports, scope: 'read:reports' })
  await expect((await TestService.of(provider.issuer, service)).introspect(signed)).rejects.toMatchObject({
    error: 'unsupported_token_type',
  })
})

const read = (token?: string, headers: Readonly<Record<string, string>> = {}) =>
  fetch(reports, { headers: token === undefined ? headers : { authorization: `Bearer ${token}`, ...headers } })

test('the reports can be read with the scope for it, and written with the other', async () => {
  const answer = await read(await tokenFor({ resource: reports, scope: 'read:reports' }))
  expect(await answer.json()).toMatchObject({
    reports: [{ title: 'First quarter' }, { title: 'Second quarter' }],
    asked_by: { sub: service.clientId, client_id: service.clientId },
  })
  const token = await tokenFor({ resource: reports, scope: 'write:reports' })
  const write = (body: string) => fetch(reports, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body })
  expect(await (await write('{"title":"Third quarter","text":"Even better."}')).json()).toMatchObject({ author: service.clientId })
  for (const body of ['', '[]', '{"title":1}', 'null']) expect((await write(body)).status).toBe(400)
})

test('whoever has no token is asked for one; a bad one is called invalid; a missing scope is named', async () => {
  const nothing = await read()
  expect([nothing.status, nothing.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="reports"'])
  const elsewhere = await tokenFor({ resource: OTHER_API, scope: 'read:reports' })
  for (const token of ['made-up', elsewhere, `${elsewhere}x`]) {
    const answer = await read(token)
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="reports", error="invalid_token"'])
  }
  const narrow = await read(await tokenFor({ resource: reports, scope: 'write:reports' }))
  expect([narrow.status, narrow.headers.get('www-authenticate')]).toEqual([
    403,
    'Bearer realm="reports", error="insufficient_scope", scope="read:reports"',
  ])
})

test('a token bound to a key is nothing without a fresh proof of that key', async () => {
  const client = await TestService.of(provider.issuer, service)
  const keyPair = await generateKeyPair('ES256')
  const DPoP = oauth.DPoP(client.client, keyPair)
  const { access_token: token, token_type: type } = await client.clientCredentials({ resource: reports, scope: 'read:reports' }, { DPoP })
  expect(type).toBe('dpop')
  const call = (options: oauth.ProtectedResourceRequestOptions) =>
    oauth.protectedResourceRequest(token, 'GET', new URL(reports), undefined, undefined, {
      ...options,
      [oauth.allowInsecureRequests]: true,
    })
  expect((await call({ DPoP })).status).toBe(200)
  expect((await read(token)).status).toBe(401)
  await expect(call({ DPoP: oauth.DPoP(client.client, await generateKeyPair('ES256')) })).rejects.toMatchObject({ status: 401 })
  const proofs: string[] = []
  const keeping: typeof fetch = (url, init) => {
    proofs.push(new Headers(init?.headers).get('dpop') ?? '')
    return fetch(url, init)
  }
  const kept = await call({ DPoP, [oauth.customFetch]: (url, { method, headers }) => keeping(url, { method, headers }) })
  expect(kept.status).toBe(200)
  const replayed = await fetch(reports, { headers: { authorization: `DPoP ${token}`, dpop: proofs[0] ?? '' } })
  expect([replayed.status, replayed.headers.get('www-authenticate')]).toEqual([401, 'DPoP realm="reports", error="invalid_dpop_proof"'])
  expect(claimsOf(proofs[0] ?? '')).toMatchObject({ ath: createHash('sha256').update(token).digest('base64url'), htu: reports })
})
