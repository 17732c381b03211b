import { inspect } from 'node:util'
import { beforeEach, expect, test } from 'vitest'
import type { Credential } from '../auth/credential.ts'
import { Secret } from '../runtime/secret.ts'
import { virtualRuntime } from '../testing/virtual-runtime.ts'
import type { VirtualRuntime } from '../testing/virtual-runtime.ts'
import { hostileServer, idToken, issued, metadata, paths, silence, tokenBody } from './hostile-server.ts'
import type { HostileServer } from './hostile-server.ts'
import { hostileClient, hostileContext, hostileProvider } from './hostile-sign-in.ts'

let server: HostileServer
let runtime: VirtualRuntime
beforeEach(() => {
  server = hostileServer('https://login.example')
  runtime = virtualRuntime({ fetch: (input, init) => server.answer(new Request(input, init)) })
})

test('the old refresh token, scopes and subject stay when the answer brings none', async () => {
  server.script[paths.token] = () => Response.json({ access_token: 'new', token_type: 'bearer' })
  const renewed = await refresh()
  expect([renewed?.accessToken.reveal(), renewed?.refreshToken?.reveal()]).toEqual(['new', 'old-refresh-token'])
  expect(renewed).toMatchObject({ scopes: ['read'], subject: 'ada', resource: 'https://api.example/', expiresAt: null })
})

test('a new refresh token replaces the old one, and the client authenticates by its method', async () => {
  expect((await refresh())?.refreshToken?.reveal()).toBe(issued.refreshToken)
  const [sent] = server.requests.filter(({ path }) => path === paths.token)
  expect(sent?.headers.get('authorization')).toMatch(/^Basic /)
  expect(Object.fromEntries(sent?.form ?? [])).toEqual({
    grant_type: 'refresh_token',
    refresh_token: 'old-refresh-token',
    resource: 'https://api.example/',
  })
})

test.each([
  ['invalid_grant', 400, 'invalid_grant'],
  ['invalid_client', 401, 'invalid_client'],
  ['temporarily_unavailable', 400, 'upstream_failed'],
  ['invalid_grant', 500, 'upstream_failed'],
  ['invalid_grant', 429, 'upstream_failed'],
])('%s with status %i is %s', async (error, status, code) => {
  server.script[paths.token] = () => Response.json({ error }, { status })
  await expectFailure(refresh(), code)
  expect(server.count(paths.token)).toBe(1)
})

test('a server that is silent for 8 s is upstream_failed', async () => {
  server.script[paths.token] = silence
  const arrival = server.arrival(paths.token)
  const failure = expectFailure(refresh(), 'upstream_failed')
  await arrival
  await runtime.advance(8000)
  await failure
})

test('an abort ends the wait at once, as cancelled, and leaves no timer behind', async () => {
  server.script[paths.token] = silence
  const controller = new AbortController()
  const arrival = server.arrival(paths.token)
  const failure = expectFailure(
    hostileProvider({ server }).refresh?.(credential(), hostileContext(runtime, controller.signal)),
    'cancelled',
  )
  await arrival
  controller.abort()
  await failure
  expect(runtime.nextTimerAt()).toBeUndefined()
})

test('an ID token for another person is a failure', async () => {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: server.issuer, aud: hostileClient.id, sub: 'mallory', iat: now, exp: now + 60 }
  server.script[paths.token] = () => Response.json(tokenBody({ id_token: idToken(claims) }))
  await expectFailure(refresh(), 'upstream_failed')
})

test('a credential without a refresh token cannot be renewed, and nobody is asked', async () => {
  const { refreshToken: _none, ...rest } = credential()
  await expectFailure(hostileProvider({ server }).refresh?.(rest, hostileContext(runtime)), 'invalid_grant')
  expect(server.requests).toEqual([])
})

test('a credential is revoked by all of its tokens, what lasts longest first', async () => {
  await revoke(credential())
  const { refreshToken: _none, ...rest } = credential()
  await revoke(rest)
  expect(server.requests.filter(({ path }) => path === paths.revocation).map(({ form }) => Object.fromEntries(form))).toEqual([
    { token: 'old-refresh-token', token_type_hint: 'refresh_token' },
    { token: 'old-access-token', token_type_hint: 'access_token' },
    { token: 'old-access-token', token_type_hint: 'access_token' },
  ])
})

test('a server without revocation leaves nothing to do', async () => {
  server.script[paths.oidc] = () => Response.json(metadata(server.issuer, { revocation_endpoint: undefined }))
  await revoke(credential())
  expect(server.count(paths.revocation)).toBe(0)
})

test('a server that knows the access token no more once the refresh token is revoked has confirmed it', async () => {
  server.script[paths.revocation] = (form) =>
    form.get('token_type_hint') === 'refresh_token'
      ? new Response(null)
      : Response.json({ error: 'unsupported_token_type' }, { status: 400 })
  expect(await hostileProvider({ server }).revoke?.(credential(), hostileContext(runtime))).toBe(true)
})

test('a revocation that fails says so', async () => {
  server.script[paths.revocation] = () => new Response(null, { status: 503 })
  await expectFailure(revoke(credential()), 'upstream_failed')
})

function credential(): Credential {
  return {
    tokenType: 'bearer',
    accessToken: new Secret('old-access-token'),
    refreshToken: new Secret('old-refresh-token'),
    scopes: ['read'],
    expiresAt: 0,
    subject: 'ada',
    resource: 'https://api.example/',
  }
}

async function refresh(): Promise<Credential | undefined> {
  return hostileProvider({ server }).refresh?.(credential(), hostileContext(runtime))
}

async function revoke(revoked: Credential): Promise<void> {
  await hostileProvider({ server }).revoke?.(revoked, hostileContext(runtime))
}

/** Looks into every property of the error and its causes, and into the log. */
async function expectFailure(work: Promise<unknown> | undefined, code: string): Promise<void> {
  const error = await Promise.resolve(work).then(
    () => undefined,
    (cause: unknown) => cause,
  )
  expect(error).toMatchObject({ name: 'CountersignError', code })
  const printed = inspect(error, { depth: 12, showHidden: true }) + JSON.stringify(error) + JSON.stringify(runtime.logged)
  const secrets = ['old-refresh-token', 'old-access-token', hostileClient.secret, ...Object.values(issued)]
  expect(secrets.filter((secret) => printed.includes(secret))).toEqual([])
}
