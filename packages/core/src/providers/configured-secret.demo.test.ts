import { DEMO_CLIENTS, type DemoProvider, startDemoProvider } from '@countersign/demo-provider'
import { TestBrowser } from '@countersign/demo-provider/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AuthContext, AuthProvider } from '../auth/auth-provider.ts'
import { systemRuntime } from '../runtime/system-runtime.ts'
import { authoriseRequest } from '../tool/authorise-request.ts'
import { apiKey } from './api-key.ts'
import { authorizationCode } from './authorization-code.ts'
import { httpBasic } from './http-basic.ts'

const redirectUri = 'http://localhost:8000/auth/redirect'
const context: AuthContext = { runtime: systemRuntime(), principal: { id: 'ada', kind: 'user', roles: [] }, redirectUri }
const { clientId, clientSecret } = DEMO_CLIENTS.confidential

let demo: DemoProvider
/** What an API of the demo provider takes for a key: an opaque access token of Ada's. */
let key: string
beforeAll(async () => {
  demo = await startDemoProvider({ port: 0, redirectUris: [redirectUri] })
  key = await adasToken()
})
afterAll(() => demo.stop())

test.each<readonly [string, object]>([
  ['as a bearer token', {}],
  ['in a header of its own, with the word before it', customHeader('Bearer')],
])('a key %s opens the API that it is for', async (_name, way) => {
  const response = await send(makeKey({ raw_key: key, ...way }), me())
  expect([response.status, await response.json()]).toMatchObject([200, { sub: 'ada-lovelace' }])
})

test.each<readonly [string, () => object]>([
  ['that the API does not know', () => ({ raw_key: 'made-up-key-0000' })],
  ['in a header where the API does not look', () => ({ raw_key: key, auth_scheme: 'X-API-Key' })],
  ['without the word that the API wants before it', () => ({ raw_key: key, ...customHeader() })],
])('a key %s opens nothing', async (_name, entry) => {
  expect((await send(makeKey(entry()), me())).status).toBeGreaterThanOrEqual(400)
})

test('a user and a password open the API that they are for', async () => {
  const response = await send(makeBasic(clientSecret), introspection())
  expect([response.status, await response.json()]).toMatchObject([200, { active: true, sub: 'ada-lovelace' }])
})

test('a wrong password opens nothing', async () => {
  expect((await send(makeBasic('wrong-password'), introspection())).status).toBe(401)
})

function me(): Request {
  return new Request(`${demo.issuer}/api/me`)
}

/** The demo provider tells a client about its own tokens (RFC 7662 §2.1). */
function introspection(): Request {
  return new Request(`${demo.issuer}/oauth/introspect`, { method: 'POST', body: new URLSearchParams({ token: key }) })
}

function customHeader(prefix?: string): object {
  return { auth_scheme: 'Custom', custom_header_name: 'Authorization', ...(prefix !== undefined && { custom_header_prefix: prefix }) }
}

function makeKey(entry: object): AuthProvider {
  return apiKey.create(apiKey.config.parse({ origins: [demo.issuer], ...entry }), { name: 'key' })
}

function makeBasic(password: string): AuthProvider {
  return httpBasic.create(httpBasic.config.parse({ username: clientId, password, origins: [demo.issuer] }), { name: 'basic' })
}

/** Sends a request with the credential of this provider on it. */
async function send(provider: AuthProvider, request: Request): Promise<Response> {
  const step = await provider.begin({ provider: 'secret' }, context)
  if (step.status !== 'granted') throw new Error(`not granted: ${JSON.stringify(step)}`)
  return fetch(await authoriseRequest(request, step.credential, undefined))
}

/** By a sign-in in a browser that names no API: its token is opaque, and for the demo provider itself. */
async function adasToken(): Promise<string> {
  const config = authorizationCode.config.parse({ client_id: clientId, client_secret: clientSecret, issuer: demo.issuer })
  const provider = authorizationCode.create(config, { name: 'person' })
  const requirement = { provider: 'person', scopes: ['openid'] }
  const opened = await provider.advance?.(requirement, {}, { type: 'open' }, context)
  if (opened?.status !== 'waiting' || opened.challenge.kind !== 'oauth_consent') throw new Error('the sign-in was not opened')
  const browser = new TestBrowser(demo.issuer)
  const consent = await browser.submit(await browser.visit(opened.challenge.authorizationUrl ?? ''), { login: 'Ada Lovelace' })
  const { url } = await browser.submit(consent, { decision: 'allow' })
  const step = await provider.advance?.(requirement, opened.state, { type: 'redirect', url }, context)
  if (step?.status !== 'granted') throw new Error(`not granted: ${JSON.stringify(step)}`)
  return step.credential.accessToken.reveal()
}
