import { beforeEach, expect, test } from 'vitest'
import { virtualRuntime } from '../testing/virtual-runtime.ts'
import type { VirtualRuntime } from '../testing/virtual-runtime.ts'
import { hostileServer, metadata, paths, silence } from './hostile-server.ts'
import type { HostileServer } from './hostile-server.ts'
import { hostileContext } from './hostile-sign-in.ts'
import { oauthConfig } from './oauth-config.ts'
import { defaultFetchLimits } from './oauth-fetch.ts'
import { oauthServer } from './oauth-server.ts'
import type { FindServer } from './oauth-server.ts'

const minute = 60_000

let server: HostileServer
let runtime: VirtualRuntime
let find: FindServer<'authorization_endpoint' | 'token_endpoint'>
beforeEach(() => {
  server = hostileServer('https://login.example')
  runtime = virtualRuntime({ fetch: (input, init) => server.answer(new Request(input, init)) })
  find = finder({ issuer: server.issuer })
})

test('metadata is read once in ten minutes', async () => {
  const first = await find(context())
  await runtime.advance(10 * minute - 1)
  expect(await find(context())).toBe(first)
  expect(server.count(paths.oidc)).toBe(1)
  await runtime.advance(1)
  await find(context())
  expect(server.count(paths.oidc)).toBe(2)
})

test('what was read last serves for an hour when the server cannot be read, and that is logged', async () => {
  const first = await find(context())
  server.script[paths.oidc] = () => new Response('down', { status: 503 })
  await runtime.advance(59 * minute)
  expect(await find(context())).toBe(first)
  expect(runtime.logged).toMatchObject([{ level: 'warn', facts: { provider: 'calendar' } }])
  await runtime.advance(minute)
  await expect(find(context())).rejects.toMatchObject({ code: 'upstream_failed', details: { status: 503 } })
})

test('a server that cannot be read is not asked again for half a minute', async () => {
  await find(context())
  server.script[paths.oidc] = () => Response.error()
  await runtime.advance(20 * minute)
  for (let times = 0; times < 5; times += 1) await find(context())
  expect(server.count(paths.oidc)).toBe(2)
  await runtime.advance(minute / 2)
  await find(context())
  expect(server.count(paths.oidc)).toBe(3)
})

test('a silent server costs half of the time limit', async () => {
  server.script[paths.oidc] = silence
  const arrival = server.arrival(paths.oidc)
  const failure = find(context()).catch((cause: unknown) => cause)
  await arrival
  await runtime.advance(4000)
  expect(await failure).toMatchObject({ code: 'upstream_failed', message: expect.stringContaining('4000 ms') })
})

test('a cancelled refresh is cancelled, it does not fall back', async () => {
  await find(context())
  await runtime.advance(20 * minute)
  await expect(find(hostileContext(runtime, AbortSignal.abort()))).rejects.toMatchObject({ code: 'cancelled' })
})

test('a server without OpenID Connect is found under the other well-known name', async () => {
  server.script[paths.oidc] = () => new Response(null, { status: 404 })
  server.script[paths.oauth2] = () => Response.json(metadata(server.issuer))
  expect(await find(context())).toMatchObject({ token_endpoint: 'https://login.example/token' })
})

test('explicit endpoints need no network, and a given revocation_url counts before a discovered one', async () => {
  const endpoints = { authorization_url: 'https://a.example/authorize?tenant=1', token_url: 'https://a.example/token' }
  expect(await finder(endpoints)(context())).toEqual({
    issuer: 'https://a.example',
    authorization_endpoint: endpoints.authorization_url,
    token_endpoint: endpoints.token_url,
  })
  expect(server.requests).toEqual([])
  const revocation_url = 'https://a.example/revoke'
  expect(await finder({ issuer: server.issuer, revocation_url })(context())).toMatchObject({ revocation_endpoint: revocation_url })
})

test.each([
  ['another issuer', { issuer: 'https://evil.example' }, '"issuer"'],
  ['no issuer', { issuer: undefined }, ''],
  ['no token endpoint', { token_endpoint: undefined }, 'token_endpoint'],
  ['a token endpoint that is no text', { token_endpoint: ['https://login.example/'] }, 'token_endpoint'],
  ['a token endpoint on http', { token_endpoint: 'http://login.example/token' }, 'token_endpoint'],
  ['a token endpoint on this computer', { token_endpoint: 'http://127.0.0.1:6379/' }, 'token_endpoint'],
  ['a token endpoint with credentials', { token_endpoint: 'https://user:word@login.example/token' }, 'token_endpoint'],
  ['a script as authorization endpoint', { authorization_endpoint: 'javascript:alert(1)' }, 'authorization_endpoint'],
  ['a file as revocation endpoint', { revocation_endpoint: 'file:///etc/passwd' }, 'revocation_endpoint'],
])('metadata with %s is refused', async (_name, changes, key) => {
  server.script[paths.oidc] = () => Response.json(metadata(server.issuer, changes))
  await expect(find(context())).rejects.toMatchObject({ code: 'upstream_failed', message: expect.stringContaining(key) })
})

test.each([
  ['HTML', () => new Response('<html>', { headers: { 'content-type': 'text/html' } })],
  ['an array', () => Response.json([])],
  ['nothing', () => new Response(null)],
  ['a redirect', () => Response.redirect('https://evil.example/', 302)],
])('metadata that is %s is refused', async (_name, answer) => {
  server.script[paths.oidc] = answer
  await expect(find(context())).rejects.toMatchObject({ code: 'upstream_failed' })
  expect(server.requests).toHaveLength(1)
})

function finder(entry: object): FindServer<'authorization_endpoint' | 'token_endpoint'> {
  const config = oauthConfig.parse({ client_id: 'client', ...entry })
  const { issuer, authorization_url, token_url, revocation_url } = config
  return oauthServer({
    name: 'calendar',
    limits: defaultFetchLimits,
    issuer,
    needed: ['authorization_endpoint', 'token_endpoint'],
    given: { authorization_endpoint: authorization_url, token_endpoint: token_url, revocation_endpoint: revocation_url },
  })
}

function context() {
  return hostileContext(runtime)
}
