import { beforeEach, describe, expect, test } from 'vitest'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import { virtualRuntime } from '../testing/virtual-runtime.ts'
import type { VirtualRuntime } from '../testing/virtual-runtime.ts'
import { clientCredentials } from './client-credentials.ts'
import { hostileServer, paths, tokenBody } from './hostile-server.ts'
import type { Answer, HostileServer } from './hostile-server.ts'
import { hostileContext } from './hostile-sign-in.ts'

let server: HostileServer
let runtime: VirtualRuntime
beforeEach(() => {
  server = hostileServer('https://login.example')
  runtime = virtualRuntime({ fetch: (input, init) => server.answer(new Request(input, init)) })
})

const least = { client_id: 'robot', client_secret: 'robot-secret', issuer: 'https://login.example' }

test.each<readonly [string, object, Partial<AuthRequirement>, object]>([
  ['nothing more', {}, {}, {}],
  ['scopes of both', { scopes: ['write'] }, { scopes: ['read'] }, { scope: 'read write' }],
  ['the configured API', { resource: 'https://staff0/api' }, {}, { resource: 'https://staff0/api' }],
  ["the tool's API", { resource: 'https://staff0/api' }, { resource: 'https://staff0/agent' }, { resource: 'https://staff0/agent' }],
  ['an audience', { audience: 'https://staff0/' }, { scopes: ['read'] }, { audience: 'https://staff0/', scope: 'read' }],
  ['what exactly is to be done', {}, { authorizationDetails: [{ type: 'pay' }] }, { authorization_details: '[{"type":"pay"}]' }],
])('the request says %s', async (...[, entry, requirement, expected]) => {
  await grant(entry, requirement).catch(() => undefined)
  expect(server.requests.filter(({ path }) => path === paths.token).map(({ form }) => Object.fromEntries(form))).toEqual([
    { grant_type: 'client_credentials', ...expected },
  ])
})

test('the token lives from when it was asked for, and belongs to nobody', async () => {
  server.script[paths.token] = () => Response.json(tokenBody({ scope: 'write read', refresh_token: undefined }))
  const step = await grant({}, { scopes: ['read', 'write'], resource: 'https://staff0/api' })
  expect(step).toMatchObject({
    status: 'granted',
    credential: { scopes: ['read', 'write'], expiresAt: runtime.now() + 300_000, host: 'login.example', resource: 'https://staff0/api' },
  })
  expect(step.status === 'granted' && step.credential.subject).toBeUndefined()
})

test.each<readonly [string, Partial<AuthRequirement>, Readonly<Record<string, unknown>>, string]>([
  ['a scope', { scopes: ['read', 'write'] }, { scope: 'read' }, 'not granted: write'],
  ['a detail', { authorizationDetails: [{ type: 'pay' }] }, {}, 'not granted in the detail that was asked for'],
])('a token that lacks %s is none', async (...[, requirement, answer, reason]) => {
  server.script[paths.token] = () => Response.json(tokenBody(answer))
  expect(await grant({}, requirement)).toEqual({ status: 'refused', code: 'insufficient_scope', reason })
})

test.each<readonly [string, Answer, object]>([
  ['knows no such client', () => Response.json({ error: 'invalid_client' }, { status: 401 }), { code: 'invalid_client' }],
  ['has no such scope', () => Response.json({ error: 'invalid_scope' }, { status: 400 }), { code: 'invalid_scope' }],
  [
    'does not do this for the client',
    () => Response.json({ error: 'unauthorized_client' }, { status: 400 }),
    { code: 'unauthorized_client' },
  ],
  ['is broken', () => new Response(null, { status: 503 }), { code: 'upstream_failed', details: { status: 503 } }],
])('a server that %s: a failure that names the provider and no secret', async (_name, answer, expected) => {
  server.script[paths.token] = answer
  const error: unknown = await grant().catch((cause: unknown) => cause)
  expect(error).toMatchObject({ ...expected, message: expect.stringContaining('"robot"') })
  expect(JSON.stringify(error)).not.toContain('robot-secret')
})

test('nobody can be asked, and what it obtains is for all', () => {
  const provider = make()
  expect(provider).toMatchObject({ notifies: false, reuse: 'service' })
  expect('advance' in provider).toBe(false)
})

describe('refused, naming the key:', () => {
  test.each<readonly [string, object, string]>([
    ['no way to the server', { client_id: 'robot', client_secret: 's' }, 'issuer'],
    ['a client that proves nothing', { client_id: 'robot', issuer: 'https://login.example' }, 'client_secret'],
    ['a client that does not want to prove anything', { ...least, token_endpoint_auth_method: 'none' }, 'token_endpoint_auth_method'],
    ['a method without its key', { ...least, token_endpoint_auth_method: 'private_key_jwt' }, 'client_key'],
    ['a key of another provider', { ...least, redirect_uri: 'https://app.example/' }, ''],
  ])('%s', (_name, entry, key) => {
    const issues = clientCredentials.config.safeParse(entry).error?.issues ?? []
    expect(issues.map(({ path }) => path[0] ?? '')).toEqual([key])
  })
})

function make(entry: object = {}) {
  return clientCredentials.create(clientCredentials.config.parse({ ...least, ...entry }), { name: 'robot' })
}

async function grant(entry: object = {}, requirement: Partial<AuthRequirement> = {}) {
  return make(entry).begin({ provider: 'robot', ...requirement }, hostileContext(runtime))
}
