import { createHash } from 'node:crypto'
import { inspect } from 'node:util'
import { beforeEach, describe, expect, test } from 'vitest'
import type { JsonObject } from '../protocol/json.ts'
import { virtualRuntime } from '../testing/virtual-runtime.ts'
import type { VirtualRuntime } from '../testing/virtual-runtime.ts'
import { hostileServer, idToken, issued, metadata, paths, tokenBody } from './hostile-server.ts'
import type { HostileServer } from './hostile-server.ts'
import { hostileClient, hostileContext, hostileProvider, openSignIn } from './hostile-sign-in.ts'
import type { SignInEnd } from './hostile-sign-in.ts'

let server: HostileServer
let runtime: VirtualRuntime
beforeEach(() => {
  server = hostileServer('https://login.example')
  runtime = virtualRuntime({ fetch: (input, init) => server.answer(new Request(input, init)) })
})

describe('a browser that comes back with something else makes no token request:', () => {
  const foreign = { code: 'foreign_callback' }
  const cases: Readonly<Record<string, readonly [(query: URLSearchParams, url: URL) => void, object]>> = {
    'the name of another server': [
      (query) => query.set('iss', 'https://evil.example'),
      { ...foreign, message: expect.stringContaining('"issuer"') },
    ],
    'our server in another spelling': [(query) => query.set('iss', 'https://login.example/'), foreign],
    'no server name though it is advertised': [(query) => query.delete('iss'), foreign],
    'two server names': [(query) => query.append('iss', server.issuer), foreign],
    'the address of another sign-in': [(_query, url) => (url.pathname += '/other'), foreign],
    'another state': [(query) => query.set('state', 'x'.repeat(100_000)), foreign],
    'no state': [(query) => query.delete('state'), foreign],
    'two states': [(query) => query.append('state', query.get('state') ?? ''), foreign],
    'no code': [(query) => query.delete('code'), foreign],
    'an empty code': [(query) => query.set('code', ''), foreign],
    'two codes': [(query) => query.append('code', 'another'), foreign],
    'a token': [(query) => query.set('token', issued.accessToken), foreign],
    'two errors': [(query) => (query.append('error', 'access_denied'), query.append('error', 'access_denied')), foreign],
    'a denial with another state': [(query) => (query.set('error', 'access_denied'), query.set('state', 'other')), foreign],
    'a denial from another server': [(query) => (query.set('error', 'access_denied'), query.set('iss', 'https://evil.example')), foreign],
    'an error we have no word for': [
      (query) => query.set('error', 'login_required'),
      { code: 'upstream_failed', details: { error: 'login_required' } },
    ],
    'an error in one of our own words': [(query) => query.set('error', 'suspended'), { code: 'upstream_failed' }],
    'an error full of text': [(query) => query.set('error', `<script>${hostileClient.code}`), { code: 'upstream_failed', details: {} }],
  }
  test.each(Object.entries(cases))('%s is a failure', async (_name, [change, expected]) => {
    const signIn = await openSignIn({ server, runtime })
    expectFailure(await signIn.comeBack(change), expected)
    expect(server.count(paths.token)).toBe(0)
  })

  test.each(['access_denied', 'invalid_scope', 'unauthorized_client', 'server_error'])(
    '%s is a refusal, even beside a code',
    async (error) => {
      const signIn = await openSignIn({ server, runtime })
      const end = await signIn.comeBack((query) => (query.set('error', error), query.set('error_description', '<script>')))
      expect(end.step).toEqual({ status: 'refused', code: error })
      expect(server.count(paths.token)).toBe(0)
    },
  )

  test('to a sign-in that was never opened is a failure', async () => {
    const url = new URL('http://localhost:8000/auth/redirect?code=x&state=y')
    const step = hostileProvider({ server }).advance?.({ provider: 'hostile' }, {}, { type: 'redirect', url }, hostileContext(runtime))
    await expect(step).rejects.toMatchObject({ code: 'invalid_request' })
    expect(server.requests).toEqual([])
  })
})

describe('an ID token', () => {
  const wrong: Readonly<Record<string, JsonObject>> = {
    nonce: { nonce: 'replayed' },
    aud: { aud: 'somebody-else' },
    iss: { iss: 'https://elsewhere.example' },
    exp: { exp: 1 },
    azp: { azp: 'somebody-else' },
    at_hash: { at_hash: 'AAAA' },
  }
  test.each(Object.entries(wrong))('with a wrong %s is a failure', async (claim, change) => {
    expectFailure(await comeBackWith(change), { code: 'upstream_failed', details: { claim } })
    expect(server.count(paths.token)).toBe(1)
  })

  test('with a wrong iss leads the operator to the key to set', async () => {
    const end = await comeBackWith({ iss: 'https://elsewhere.example' })
    expect(end.error).toMatchObject({ message: expect.stringContaining('set the key "issuer"') })
  })

  test('that is missing is a failure when openid was asked for', async () => {
    const signIn = await openSignIn({ server, runtime, scopes: ['openid'] })
    expectFailure(await signIn.comeBack(), { code: 'upstream_failed' })
  })

  test('that is right names the person, and stands for the scope openid', async () => {
    const half = createHash('sha256').update(issued.accessToken).digest().subarray(0, 16)
    const end = await comeBackWith({ at_hash: half.toString('base64url'), azp: hostileClient.id }, 'email')
    expect(end.step).toMatchObject({ status: 'granted', credential: { subject: 'ada', scopes: ['email', 'openid'] } })
  })
})

describe('what was granted is compared with what was asked:', () => {
  const scopes = ['read', 'write', 'offline_access']
  test.each([
    [
      'less is a refusal that names what is missing',
      'read',
      { status: 'refused', code: 'insufficient_scope', reason: 'not granted: write' },
    ],
    ['nothing is a refusal', '', { status: 'refused', code: 'insufficient_scope', reason: 'not granted: read write' }],
    [
      'more is written down',
      'write admin read',
      { status: 'granted', credential: { scopes: ['admin', 'offline_access', 'read', 'write'] } },
    ],
    ['unsaid means all', undefined, { status: 'granted', credential: { scopes: ['offline_access', 'read', 'write'] } }],
    ['offline_access may stay away', 'read write', { status: 'granted', credential: { scopes: ['offline_access', 'read', 'write'] } }],
  ] as const)('%s', async (_name, scope, expected) => {
    server.script[paths.token] = () => Response.json(tokenBody({ scope }))
    const signIn = await openSignIn({ server, runtime, scopes })
    const end = await signIn.comeBack()
    expect(end.step).toMatchObject(expected)
    expect(server.count(paths.token)).toBe(1)
  })
})

test('a token counts from the moment it was asked for, and an absurd lifetime stays a date', async () => {
  const lifetimeOf = async (expires_in: unknown) => {
    server.script[paths.token] = () => Response.json(tokenBody({ expires_in }))
    const { step } = await (await openSignIn({ server, runtime })).comeBack()
    return step?.status === 'granted' && step.credential.expiresAt
  }
  expect(await lifetimeOf(300)).toBe(runtime.now() + 300_000)
  expect(await lifetimeOf(undefined)).toBe(null)
  expect(Number.isNaN(new Date(Number(await lifetimeOf(1e300))).getTime())).toBe(false)
})

test('without a configured issuer the origin of authorization_url is the server, and the message names the key to set', async () => {
  const entry = { issuer: undefined, authorization_url: 'https://login.example/authorize', token_url: 'https://login.example/token' }
  const signIn = await openSignIn({ server, runtime, entry })
  expectFailure(await signIn.comeBack((query) => query.set('iss', 'https://real.example')), {
    code: 'foreign_callback',
    message: expect.stringContaining('the key "issuer"'),
  })
  expect((await signIn.comeBack()).step).toMatchObject({ status: 'granted' })
  expect(server.count(paths.oidc)).toBe(0)
})

test('the verifier and the resource go with the token request, the secret only where the method says', async () => {
  const resource = 'https://api.example/'
  const signIn = await openSignIn({ server, runtime, resource, entry: { token_endpoint_auth_method: 'client_secret_post' } })
  expect((await signIn.comeBack()).step).toMatchObject({ credential: { resource } })
  const [sent] = server.requests.filter(({ path }) => path === paths.token)
  expect(Object.fromEntries(sent?.form ?? [])).toMatchObject({
    resource,
    client_secret: hostileClient.secret,
    code_verifier: signIn.state['verifier'],
  })
  expect(sent?.headers.has('authorization')).toBe(false)
})

test('a server that does not advertise iss may leave it out', async () => {
  server.script[paths.oidc] = () => Response.json(metadata(server.issuer, { authorization_response_iss_parameter_supported: undefined }))
  const signIn = await openSignIn({ server, runtime })
  expect((await signIn.comeBack((query) => query.delete('iss'))).step).toMatchObject({ status: 'granted' })
})

async function comeBackWith(change: JsonObject, scope?: string): Promise<SignInEnd> {
  const signIn = await openSignIn({ server, runtime, scopes: ['openid'] })
  // The library holds ID tokens against the real clock.
  const now = Math.floor(Date.now() / 1000)
  const right = { iss: server.issuer, aud: hostileClient.id, sub: 'ada', iat: now, exp: now + 60, nonce: signIn.state['nonce'] }
  server.script[paths.token] = () => Response.json(tokenBody({ scope, id_token: idToken({ ...right, ...change }) }))
  return signIn.comeBack()
}

/** Looks into every property of the error and its causes, and into the log. */
function expectFailure(end: SignInEnd, expected: object): void {
  expect(end.error).toMatchObject({ name: 'CountersignError', ...expected })
  expect(
    end.leaksIn(inspect(end.error, { depth: 12, showHidden: true }) + JSON.stringify(end.error) + JSON.stringify(runtime.logged)),
  ).toEqual([])
}

describe('what was asked for in detail', () => {
  const asked = [{ type: 'payment', amount: '50.00' }]
  const cases: Readonly<Record<string, readonly [unknown, object]>> = {
    'is granted': [[{ amount: '50.00', type: 'payment' }], { status: 'granted' }],
    'is granted for less': [[{ type: 'payment', amount: '5.00' }], { status: 'refused', code: 'insufficient_scope' }],
    'is granted for something else': [[{ type: 'account' }], { status: 'refused', code: 'insufficient_scope' }],
    'is not mentioned': [undefined, { status: 'refused', code: 'insufficient_scope' }],
    'is answered with a text': ['payment', { status: 'refused', code: 'insufficient_scope' }],
  }
  test.each(Object.entries(cases))('%s: it counts only in full', async (_name, [authorization_details, expected]) => {
    server.script[paths.token] = () => Response.json(tokenBody({ authorization_details }))
    const signIn = await openSignIn({ server, runtime, requirement: { authorizationDetails: asked } })
    expect((await signIn.comeBack()).step).toMatchObject(expected)
  })
})
