import { expect, test } from 'vitest'
import { hostileServer, paths } from '../providers/hostile-server.ts'
import { hostileContext, hostileProvider } from '../providers/hostile-sign-in.ts'
import { people } from '../testing/people.ts'
import { API, type SignInProcess, type SignInWorld, signInWorld } from '../testing/sign-in-world.ts'
import { createWorld } from '../testing/world.ts'
import { scriptedModel } from '../testing/scripted-model.ts'
import type { AuthRequirement } from './auth-requirement.ts'
import { Connections } from './connections.ts'
import { vaultKey } from './vault-entry.ts'

const { ada } = people

test.each([
  ['https://elsewhere.example/today', 'failed'],
  [`${API.replace('https', 'http')}/today`, 'failed'],
  [`${API}:8443/today`, 'failed'],
  ['http://127.0.0.1:5001/today', 'failed'],
  [`${API}/today`, 'ok'],
])('of a tool that names where its token may go: to %s it is %s', async (address, status) => {
  const { world, runId } = await connected({ origins: [API] }, address)
  await world.ended(runId)
  expect(world.told()).toMatchObject([{ status }])
  expect(world.api.tokens).toHaveLength(status === 'ok' ? 1 : 0)
  expect(world.server.requests.map(({ path }) => path)).toEqual([paths.oidc, paths.token])
})

test('a provider that is configured for another server, under the same name and client, gets no token of the first', async () => {
  const { world, a, runId } = await connected()
  await world.ended(runId)
  const provider = hostileProvider({ server: hostileServer('https://other.example') })
  const [row] = await world.rows('credentials')
  await world.runtime.advance(10 * 60_000)
  const answer = await a.vault.fresh({ key: row?.key ?? '', provider, context: hostileContext(a.deps.runtime) })
  expect(answer).toEqual({ missing: 'invalid_client' })
  // All that leaves the process comes here, whatever host it is for.
  expect(world.server.requests.map(({ path }) => path)).toEqual([paths.oidc, paths.token])
  expect(await world.rows('credentials')).toEqual([])
})

test('nor is such a server asked to revoke what it did not issue', async () => {
  const { world, a, runId } = await connected()
  await world.ended(runId)
  const moved = hostileProvider({ server: hostileServer('https://other.example') })
  const connections = new Connections({ ...a.deps, provider: () => moved })
  const [listed] = await connections.list(ada.principal)
  expect(await connections.disconnect(listed?.id ?? '', ada.principal)).toBe(false)
  // All that leaves the process comes here, whatever host it is for.
  expect(world.server.requests.map(({ path }) => path)).toEqual([paths.oidc, paths.token])
  expect(await world.rows('credentials')).toEqual([])
})

const requirement: AuthRequirement = { provider: 'hostile', resource: 'https://api.example', reuse: 'principal' }

interface Difference {
  readonly requirement?: Partial<AuthRequirement>
  readonly clientId?: string
  readonly principal?: string
}

test.each<readonly [string, Difference]>([
  ['another person', { principal: 'anonymous:grace' }],
  ['another provider', { requirement: { provider: 'calendar' } }],
  ['another client', { clientId: 'client-2' }],
  ['another resource', { requirement: { resource: 'https://other.example' } }],
  ['another reuse', { requirement: { reuse: 'conversation' } }],
  ['other details', { requirement: { authorizationDetails: [{ type: 'payment' }] } }],
])('a credential for %s is another one', async (_what, differs) => {
  const key = await keyed()
  expect(key(differs)).not.toBe(key({}))
  expect(key({ requirement: { scopes: ['write'] } })).toBe(key({}))
})

async function keyed(): Promise<(differs: Difference) => string> {
  const { runtime, ...world } = createWorld({ model: scriptedModel([['Hello.']]) })
  const run = await world.run(await world.say('Hello'))
  const provider = hostileProvider({ server: hostileServer('https://login.example') })
  return ({ requirement: other, clientId = provider.clientId, principal = run.principal.id }) =>
    vaultKey(runtime, {
      provider: { ...provider, clientId },
      requirement: { ...requirement, ...other },
      run: { ...run, principal: { ...run.principal, id: principal } },
      callId: 'c',
    })
}

/** Ada has asked and signed in; her tool goes to `address`. */
async function connected(
  differs: Partial<AuthRequirement> = {},
  address = `${API}/today`,
): Promise<{ world: SignInWorld; a: SignInProcess; runId: string }> {
  const auth = { provider: 'hostile', scopes: ['read'], ...differs }
  const world = signInWorld({ tool: { auth, execute: async (_input, { fetch }) => (await fetch(address)).status } })
  const a = world.spawn('a')
  const runId = await world.say(a, ada)
  await world.signIn(a, ada)
  return { world, a, runId }
}
