import { beforeEach, expect, test } from 'vitest'
import { virtualRuntime } from '../testing/virtual-runtime.ts'
import type { VirtualRuntime } from '../testing/virtual-runtime.ts'
import { hostileServer, metadata, paths } from './hostile-server.ts'
import type { HostileServer } from './hostile-server.ts'
import { hostileClient, openSignIn } from './hostile-sign-in.ts'

const request_uri = 'urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c'
const endpoint = 'https://login.example/par'

let server: HostileServer
let runtime: VirtualRuntime
beforeEach(() => {
  server = hostileServer('https://login.example')
  server.script['/par'] = () => Response.json({ request_uri, expires_in: 60 }, { status: 201 })
  runtime = virtualRuntime({ fetch: (input, init) => server.answer(new Request(input, init)) })
})

test.each<readonly [string, Readonly<Record<string, unknown>>, object]>([
  ['the server requires it', { pushed_authorization_request_endpoint: endpoint, require_pushed_authorization_requests: true }, {}],
  ['the configuration says so', { pushed_authorization_request_endpoint: endpoint }, { use_par: true }],
  ['the configuration names the address', {}, { pushed_authorization_request_url: endpoint }],
])('the request goes to the server itself when %s: the browser carries its name only', async (_name, changes, entry) => {
  server.script[paths.oidc] = () => Response.json(metadata(server.issuer, changes))
  const signIn = await openSignIn({ server, runtime, scopes: ['read'], resource: 'https://api.example/', entry })
  expect([...signIn.address.searchParams.keys()]).toEqual(['client_id', 'request_uri'])
  expect(signIn.address.searchParams.get('request_uri')).toBe(request_uri)
  const [pushed] = server.requests.filter(({ path }) => path === '/par')
  expect(pushed?.headers.get('authorization')).toMatch(/^Basic /)
  expect(Object.fromEntries(pushed?.form ?? [])).toMatchObject({
    client_id: hostileClient.id,
    response_type: 'code',
    scope: 'read',
    state: signIn.sent['state'],
    code_challenge_method: 'S256',
    resource: 'https://api.example/',
  })
  expect((await signIn.comeBack()).step).toMatchObject({ status: 'granted' })
})

test("the endpoint's own query stays, but says nothing that was pushed", async () => {
  const authorization_endpoint = 'https://login.example/authorize?tenant=7&state=a&request_uri=b&scope=admin'
  server.script[paths.oidc] = () =>
    Response.json(metadata(server.issuer, { authorization_endpoint, pushed_authorization_request_endpoint: endpoint }))
  const { address } = await openSignIn({ server, runtime, scopes: ['read'], entry: { use_par: true } })
  expect([...address.searchParams]).toEqual([
    ['tenant', '7'],
    ['client_id', hostileClient.id],
    ['request_uri', request_uri],
  ])
})

test('a server that can do without it is not bothered with it', async () => {
  server.script[paths.oidc] = () => Response.json(metadata(server.issuer, { pushed_authorization_request_endpoint: endpoint }))
  const { address } = await openSignIn({ server, runtime })
  expect(address.searchParams.has('code_challenge')).toBe(true)
  expect(server.count('/par')).toBe(0)
})

test.each<readonly [string, () => Response, object]>([
  ['is refused', () => Response.json({ error: 'invalid_request', error_description: '<b>' }, { status: 400 }), { code: 'invalid_request' }],
  ['knows no such client', () => Response.json({ error: 'invalid_client' }, { status: 401 }), { code: 'invalid_client' }],
  ['is broken', () => new Response('<html>', { status: 500 }), { code: 'upstream_failed' }],
  ['is answered without a name', () => Response.json({ expires_in: 60 }, { status: 201 }), { code: 'upstream_failed' }],
])('a pushed request that %s is a failure, and nobody is sent anywhere', async (_name, answer, expected) => {
  server.script['/par'] = answer
  const opened = openSignIn({ server, runtime, entry: { pushed_authorization_request_url: endpoint } })
  await expect(opened).rejects.toMatchObject({ ...expected, message: expect.stringContaining('"hostile"') })
})

test('a server that does not say where requests are pushed to: the failure names the key', async () => {
  await expect(openSignIn({ server, runtime, entry: { use_par: true } })).rejects.toMatchObject({
    code: 'upstream_failed',
    message: expect.stringContaining('pushed_authorization_request_url'),
  })
})

test('an address for pushed requests that metadata must not name is not used', async () => {
  const changes = { pushed_authorization_request_endpoint: 'https://169.254.169.254/par', require_pushed_authorization_requests: true }
  server.script[paths.oidc] = () => Response.json(metadata(server.issuer, changes))
  await expect(openSignIn({ server, runtime })).rejects.toMatchObject({ code: 'upstream_failed' })
})
