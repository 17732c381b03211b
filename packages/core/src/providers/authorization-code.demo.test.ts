import { DEMO_CLIENTS, startDemoProvider } from '@countersign/demo-provider'
import type { DemoProvider } from '@countersign/demo-provider'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuthContext, AuthProvider } from '../auth/auth-provider.ts'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import type { Credential } from '../auth/credential.ts'
import { systemRuntime } from '../runtime/system-runtime.ts'
import { providerContract } from '../testing/provider-contract.ts'
import { authoriseRequest } from '../tool/authorise-request.ts'
import { authorizationCode } from './authorization-code.ts'

const redirectUri = 'http://localhost:8000/auth/redirect'
const requirement: AuthRequirement = { provider: 'demo', scopes: ['openid', 'email', 'offline_access'] }
const context: AuthContext = { runtime: systemRuntime(), principal: { id: 'ada', kind: 'user', roles: [] }, redirectUri }

let demo: DemoProvider
beforeAll(async () => {
  demo = await startDemoProvider({ port: 0, redirectUris: [redirectUri] })
})
afterAll(() => demo.stop())

describe.each(Object.entries(DEMO_CLIENTS))('with the client "%s"', (name, client) => {
  const secrets = 'clientSecret' in client ? [client.clientSecret] : []
  const entry = () => ({
    client_id: client.clientId,
    ...('clientSecret' in client && { client_secret: client.clientSecret }),
    ...(client.authentication === 'client_secret_post' && { token_endpoint_auth_method: client.authentication }),
  })

  providerContract(
    `an authorization code provider (${name}, discovered)`,
    async () => {
      const before = demo.tokenRequests()
      const provider = make({ ...entry(), issuer: demo.issuer })
      return {
        provider,
        context,
        requirement,
        secrets,
        tokenRequests: () => demo.tokenRequests() - before,
        agree: (url) => visit(url, 'allow'),
      }
    },
    { describe, test, expect },
  )

  test('explicit endpoints do without discovery', async () => {
    const urls = { authorization_url: `${demo.issuer}/oauth/authorize`, token_url: `${demo.issuer}/oauth/token` }
    const credential = await signIn(make({ ...entry(), ...urls, revocation_url: `${demo.issuer}/oauth/revoke` }))
    expect(credential.subject).toBe('ada-lovelace')
  })
})

test('the token opens the userinfo endpoint for the person who signed in, until it is revoked', async () => {
  const provider = publicProvider()
  const credential = await signIn(provider)
  expect(credential.scopes).toEqual(['email', 'offline_access', 'openid'])
  expect(await me(credential)).toMatchObject({ status: 200, body: { sub: 'ada-lovelace', email: 'ada-lovelace@example.test' } })
  await provider.revoke?.(credential, context)
  expect(await me(credential)).toMatchObject({ status: 401 })
})

test('every authorization request carries PKCE S256, state, nonce and prompt=consent for offline access', async () => {
  const { address, state } = await open(publicProvider())
  const sent = Object.fromEntries(new URL(address).searchParams)
  expect(sent).toMatchObject({ response_type: 'code', code_challenge_method: 'S256', redirect_uri: redirectUri, prompt: 'consent' })
  expect(sent['code_challenge']).toHaveLength(43)
  expect([sent['state'], sent['nonce']]).toEqual([state['state'], state['nonce']])
  expect(sent['state']?.length).toBeGreaterThanOrEqual(22)
})

test('a person who says no is a refusal, and no token is asked for', async () => {
  const provider = publicProvider()
  const before = demo.tokenRequests()
  const { address, state } = await open(provider)
  const url = await visit(address, 'deny')
  expect(await provider.advance?.(requirement, state, { type: 'redirect', url }, context)).toEqual({
    status: 'refused',
    code: 'access_denied',
  })
  expect(demo.tokenRequests()).toBe(before)
})

test('refresh tokens rotate, and an old one that comes back ends the grant', async () => {
  const provider = publicProvider()
  const first = await signIn(provider)
  const second = await provider.refresh?.(first, context)
  expect(second?.refreshToken?.reveal()).not.toBe(first.refreshToken?.reveal())
  await expect(provider.refresh?.(first, context)).rejects.toMatchObject({
    code: 'invalid_grant',
    details: { status: 400, error: 'invalid_grant' },
  })
})

test("somebody else's code in my sign-in is refused: the verifier does not fit", async () => {
  const provider = publicProvider()
  const [theirs, mine] = [await open(provider), await open(provider)]
  const url = await visit(theirs.address, 'allow')
  url.searchParams.set('state', mine.sent)
  await expect(provider.advance?.(requirement, mine.state, { type: 'redirect', url }, context)).rejects.toMatchObject({
    code: 'invalid_grant',
  })
})

test('a code that comes back a second time is invalid_grant', async () => {
  const provider = publicProvider()
  const { address, state } = await open(provider)
  const event = { type: 'redirect', url: await visit(address, 'allow') } as const
  expect(await provider.advance?.(requirement, state, event, context)).toMatchObject({ status: 'granted' })
  await expect(provider.advance?.(requirement, state, event, context)).rejects.toMatchObject({ code: 'invalid_grant' })
})

test('a wrong client secret is invalid_client, and the message says what to check', async () => {
  const { clientId } = DEMO_CLIENTS.confidential
  const provider = make({ client_id: clientId, client_secret: 'not-the-secret', issuer: demo.issuer })
  const failure = signIn(provider)
  await expect(failure).rejects.toMatchObject({ code: 'invalid_client', message: expect.stringContaining('check client_id') })
  await expect(failure).rejects.not.toMatchObject({ message: expect.stringContaining('not-the-secret') })
})

test('a pushed request keeps what is asked for out of the browser, and works as any other', async () => {
  const provider = make({ client_id: DEMO_CLIENTS.public.clientId, issuer: demo.issuer, use_par: true })
  const { address } = await open(provider)
  expect([...new URL(address).searchParams.keys()]).toEqual(['client_id', 'request_uri'])
  expect((await signIn(provider)).subject).toBe('ada-lovelace')
})

test.each([
  ['the request is pushed', { use_par: true }],
  ['the browser carries the request', {}],
])('a token is bound to its key, and renewed with it, where %s', async (_name, entry) => {
  const provider = make({ client_id: DEMO_CLIENTS.public.clientId, issuer: demo.issuer, dpop: true, ...entry })
  const credential = await signIn(provider)
  const renewed = await provider.refresh?.(credential, context)
  expect([credential.tokenType, renewed?.tokenType]).toEqual(['dpop', 'dpop'])
  expect(await me(credential)).toMatchObject({ status: 401 })
  expect((await fetch(await authoriseRequest(new Request(`${demo.issuer}/api/me`), credential, undefined))).status).toBe(200)
})

function make(entry: unknown): AuthProvider {
  return authorizationCode.create(authorizationCode.config.parse(entry), { name: 'demo' })
}

function publicProvider(): AuthProvider {
  return make({ client_id: DEMO_CLIENTS.public.clientId, issuer: demo.issuer })
}

async function open(provider: AuthProvider) {
  const step = await provider.advance?.(requirement, {}, { type: 'open' }, context)
  if (step?.status !== 'waiting' || step.challenge.kind !== 'oauth_consent') throw new Error('not opened')
  return { address: step.challenge.authorizationUrl ?? '', state: step.state, sent: step.correlation ?? '' }
}

async function signIn(provider: AuthProvider): Promise<Credential> {
  const { address, state } = await open(provider)
  const step = await provider.advance?.(requirement, state, { type: 'redirect', url: await visit(address, 'allow') }, context)
  if (step?.status !== 'granted') throw new Error(`not granted: ${JSON.stringify(step)}`)
  return step.credential
}

async function me(credential: Credential): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${demo.issuer}/api/me`, { headers: { authorization: `Bearer ${credential.accessToken.reveal()}` } })
  return { status: response.status, body: await response.json() }
}

/** A browser and its person: signs in as Ada Lovelace and decides; where it is sent back to. */
async function visit(address: string, decision: 'allow' | 'deny'): Promise<URL> {
  const cookies = new Map<string, string>()
  let url = new URL(address)
  let form: Record<string, string> | undefined
  for (let step = 0; step < 12; step += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const post = form && { method: 'POST', body: new URLSearchParams(form) }
    const response = await fetch(url, { redirect: 'manual', headers: { cookie, origin: url.origin }, ...post })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    const location = response.headers.get('location')
    form = undefined
    if (location !== null) url = new URL(location, url)
    else form = (await response.text()).includes('name="login"') ? { login: 'Ada Lovelace' } : { decision }
    if (url.href.startsWith(`${redirectUri}?`)) return url
  }
  throw new Error('the sign-in does not end')
}
