import { DEMO_CLIENTS, type DemoProvider, HEADLESS_CLIENTS, startDemoProvider } from '@countersign/demo-provider'
import { TestBrowser } from '@countersign/demo-provider/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuthContext } from '../auth/auth-provider.ts'
import type { Credential } from '../auth/credential.ts'
import { fromBase64url } from '../runtime/base64url.ts'
import { Secret } from '../runtime/secret.ts'
import { systemRuntime } from '../runtime/system-runtime.ts'
import { providerContract } from '../testing/provider-contract.ts'
import { authoriseRequest } from '../tool/authorise-request.ts'
import { authorizationCode } from './authorization-code.ts'
import { clientCredentials } from './client-credentials.ts'
import { tokenExchange } from './token-exchange.ts'

const redirectUri = 'http://localhost:8000/auth/redirect'
const context: AuthContext = { runtime: systemRuntime(), principal: { id: 'ada', kind: 'user', roles: [] }, redirectUri }
const { exchange: client, service } = HEADLESS_CLIENTS

let demo: DemoProvider
let ada: Credential
beforeAll(async () => {
  demo = await startDemoProvider({ port: 0, redirectUris: [redirectUri] })
  ada = await signedIn('Ada Lovelace', ['read:reports', 'write:reports'])
})
afterAll(() => demo.stop())

providerContract(
  'a token exchange provider',
  async () => {
    const before = demo.tokenRequests()
    return {
      provider: make(),
      context: { ...context, parties: { subject: ada } },
      requirement: reading(),
      secrets: [client.clientSecret, ada.accessToken.reveal()],
      tokenRequests: () => demo.tokenRequests() - before,
    }
  },
  { describe, test, expect },
)

test('a narrower token of the same person, which says who acts for them, opens the API', async () => {
  const credential = await exchange(ada)
  expect(credential.scopes).toEqual(['read:reports'])
  expect(claimsOf(credential)).toMatchObject({
    sub: 'ada-lovelace',
    aud: reports(),
    scope: 'read:reports',
    client_id: client.clientId,
    act: { sub: client.clientId },
  })
  expect((await fetch(await authoriseRequest(new Request(reports()), credential, undefined))).status).toBe(200)
})

test('who acted before stays in the token behind who acts now', async () => {
  const again = await exchange(await exchange(ada))
  expect(claimsOf(again)).toMatchObject({ sub: 'ada-lovelace', act: { sub: client.clientId, act: { sub: client.clientId } } })
})

describe('with the token of a service as the actor', () => {
  const entry = { actor_provider: 'service' }

  test("the new token is the person's, says that it is that service who acts for them, and opens the API", async () => {
    const credential = await exchange(ada, undefined, { entry, actor: await serviceToken() })
    expect(claimsOf(credential)).toMatchObject({ sub: 'ada-lovelace', client_id: client.clientId, act: { sub: service.clientId } })
    expect((await fetch(await authoriseRequest(new Request(reports()), credential, undefined))).status).toBe(200)
  })

  test('whoever acted before stays behind it', async () => {
    const credential = await exchange(await exchange(ada), undefined, { entry, actor: await serviceToken() })
    expect(claimsOf(credential)).toMatchObject({ act: { sub: service.clientId, act: { sub: client.clientId } } })
  })

  test('a made-up actor is refused by the server', async () => {
    const actor = { ...(await serviceToken()), accessToken: new Secret('made-up') }
    await expect(exchange(ada, undefined, { entry, actor })).rejects.toMatchObject({ code: 'invalid_grant' })
  })

  test('an actor that is not there is missed before the server is asked', async () => {
    const before = demo.tokenRequests()
    await expect(exchange(ada, undefined, { entry })).rejects.toMatchObject({ code: 'invalid_grant' })
    expect(demo.tokenRequests()).toBe(before)
  })
})

test('an exchange never widens', async () => {
  const narrow = await exchange(ada)
  await expect(exchange(narrow, ['read:reports', 'write:reports'])).rejects.toMatchObject({ code: 'invalid_scope' })
})

test('a made-up subject is refused by the server', async () => {
  const forged = { ...ada, accessToken: new Secret(`${ada.accessToken.reveal().slice(0, -8)}AAAAAAAA`) }
  await expect(exchange(forged)).rejects.toMatchObject({ code: 'invalid_grant' })
})

test('an API of others is refused by the server', async () => {
  const requirement = { ...reading(), resource: 'https://payroll.example/' }
  await expect(make().begin(requirement, { ...context, parties: { subject: ada } })).rejects.toMatchObject({ code: 'invalid_target' })
})

test('a server that exchanges for unbound tokens only is found out, where bound ones are wanted', async () => {
  await expect(exchange(ada, ['read:reports'], { entry: { dpop: true } })).rejects.toMatchObject({
    code: 'upstream_failed',
    message: expect.stringContaining('not bound to its key'),
  })
})

function reports(): string {
  return `${demo.issuer}/api/reports`
}

function reading(scopes: readonly string[] = ['read:reports']) {
  return { provider: 'exchange', scopes, resource: reports() }
}

function make(entry: object = {}) {
  const config = {
    client_id: client.clientId,
    client_secret: client.clientSecret,
    issuer: demo.issuer,
    subject_provider: 'person',
    ...entry,
  }
  return tokenExchange.create(tokenExchange.config.parse(config), { name: 'exchange' })
}

async function exchange(
  subject: Credential,
  scopes?: readonly string[],
  { entry, actor }: { readonly entry?: object; readonly actor?: Credential } = {},
): Promise<Credential> {
  const step = await make(entry).begin(reading(scopes), { ...context, parties: { subject, ...(actor && { actor }) } })
  if (step.status !== 'granted') throw new Error(`not granted: ${JSON.stringify(step)}`)
  return step.credential
}

function claimsOf({ accessToken }: Credential): unknown {
  return JSON.parse(new TextDecoder().decode(fromBase64url(accessToken.reveal().split('.')[1] ?? '')))
}

/** What a service has as itself, for the same API. */
async function serviceToken(): Promise<Credential> {
  const config = clientCredentials.config.parse({ client_id: service.clientId, client_secret: service.clientSecret, issuer: demo.issuer })
  const step = await clientCredentials.create(config, { name: 'service' }).begin({ ...reading(), provider: 'service' }, context)
  if (step.status !== 'granted') throw new Error(`not granted: ${JSON.stringify(step)}`)
  return step.credential
}

/** Somebody's own credential for the reports, by a sign-in in a browser. */
async function signedIn(login: string, scopes: readonly string[]): Promise<Credential> {
  const config = authorizationCode.config.parse({ client_id: DEMO_CLIENTS.public.clientId, issuer: demo.issuer })
  const provider = authorizationCode.create(config, { name: 'person' })
  const requirement = { provider: 'person', scopes, resource: reports() }
  const opened = await provider.advance?.(requirement, {}, { type: 'open' }, context)
  if (opened?.status !== 'waiting' || opened.challenge.kind !== 'oauth_consent') throw new Error('the sign-in was not opened')
  const browser = new TestBrowser(demo.issuer)
  const consent = await browser.submit(await browser.visit(opened.challenge.authorizationUrl ?? ''), { login })
  const { url } = await browser.submit(consent, { decision: 'allow' })
  const step = await provider.advance?.(requirement, opened.state, { type: 'redirect', url }, context)
  if (step?.status !== 'granted') throw new Error(`not granted: ${JSON.stringify(step)}`)
  return step.credential
}
