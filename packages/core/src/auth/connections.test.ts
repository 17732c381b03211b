import { expect, test } from 'vitest'
import { z } from 'zod'
import { issued, paths, tokenBody } from '../providers/hostile-server.ts'
import { gate } from '../testing/gate.ts'
import { people } from '../testing/people.ts'
import { scriptedModel } from '../testing/scripted-model.ts'
import { API, type SignInProcess, type SignInWorld, signInWorld } from '../testing/sign-in-world.ts'
import { createWorld } from '../testing/world.ts'
import { until } from '../testing/until.ts'
import { Secret } from '../runtime/secret.ts'
import { defineTool } from '../tool/tool.ts'
import { virtualRuntime } from '../testing/virtual-runtime.ts'
import { doorTo } from '../testing/faulty-store.ts'
import { memoryStore } from '../store/memory-store.ts'
import type { Store } from '../store/store.ts'
import type { AuthProvider } from './auth-provider.ts'
import { Connections } from './connections.ts'
import { providerOf } from './token-vault.ts'

const { ada, grace } = people

test('a connection is listed by a name that is not the key of the vault, and by no token', async () => {
  const { world, connections } = await connected()
  const [row] = await world.rows('credentials')
  const listed = await connections.list(ada.principal)
  expect(listed).toEqual([
    {
      id: expect.stringMatching(/^[\w-]{43}$/),
      provider: 'hostile',
      scopes: ['read'],
      expiresAt: row?.expiresAt,
      connectedAt: row?.connectedAt,
      isRenewable: true,
    },
  ])
  expect(listed[0]?.id).not.toBe(row?.key)
  expect(await connections.list(grace.principal)).toEqual([])
})

test('what no call could use any more is not listed', async () => {
  const { world, connections } = await connected()
  await world.store.transact('spoil', (transaction) => transaction.update('credentials', {}, { refreshable: 0 }))
  expect(await connections.list(ada.principal)).toHaveLength(1)
  await world.runtime.advance(10 * 60_000)
  expect(await connections.list(ada.principal)).toEqual([])
})

test('a connection that ends is gone before its server is told, and the next call asks', async () => {
  const { world, a, connections } = await connected()
  const [listed] = await connections.list(ada.principal)
  world.server.script[paths.revocation] = async () => {
    expect(await world.rows('credentials')).toEqual([])
    return new Response(null)
  }
  expect(await connections.disconnect(listed?.id ?? '', ada.principal)).toBe(true)
  expect(world.server.count(paths.revocation)).toBe(2)
  expect(await connections.disconnect(listed?.id ?? '', ada.principal)).toBeUndefined()
  await world.say(a, ada)
  expect((await world.question(ada)).state).toBe('pending')
})

test("somebody else's connection is not there", async () => {
  const { world, connections } = await connected()
  const [listed] = await connections.list(ada.principal)
  expect(await connections.disconnect(listed?.id ?? '', grace.principal)).toBeUndefined()
  expect(await world.rows('credentials')).toHaveLength(1)
  expect(world.server.count(paths.revocation)).toBe(0)
})

test.each<readonly [string, (parts: Awaited<ReturnType<typeof connected>>) => unknown]>([
  ['a server that does not answer', ({ world }) => (world.server.script[paths.revocation] = () => new Response(null, { status: 503 }))],
  ['a provider that is configured no more', ({ forget }) => forget()],
  [
    'a credential whose key is gone',
    ({ world }) => world.store.transact('lose', (transaction) => transaction.update('credentials', {}, { sealed: 'v1.gone.AAAA.AAAA' })),
  ],
])('with %s the connection ends here, and it is said that nobody confirmed it', async (_name, spoil) => {
  const parts = await connected()
  const { world, connections } = parts
  const [listed] = await connections.list(ada.principal)
  await spoil(parts)
  expect(await connections.disconnect(listed?.id ?? '', ada.principal)).toBe(false)
  expect(await world.rows('credentials')).toEqual([])
  const records = (await world.rows('audits'))
    .filter(({ stream }) => stream === `principal:${ada.principal.id}`)
    .map(({ record }) => record)
  expect(records.slice(-2)).toMatchObject([{ type: 'disconnect' }, { type: 'revocation', isRevoked: false }])
})

test('a connection that ends while it is renewed stays gone: no call gets the new token, and the server is told of it', async () => {
  const { world, a, connections } = await connected()
  const [listed] = await connections.list(ada.principal)
  const answer = gate()
  const renewed = tokenBody({ access_token: 'renewed-access', refresh_token: 'renewed-refresh' })
  world.server.script[paths.token] = async () => (await answer.opened, Response.json(renewed))
  await world.runtime.advance(10 * 60_000)
  const arrival = world.server.arrival(paths.token)
  await world.say(a, ada)
  await arrival
  expect(await connections.disconnect(listed?.id ?? '', ada.principal)).toBe(true)
  answer.open()
  expect((await world.question(ada)).again).toContain('no longer there')
  expect(await world.rows('credentials')).toEqual([])
  const revoked = world.server.requests.filter(({ path }) => path === paths.revocation).map(({ form }) => form.get('token'))
  expect(revoked).toEqual([issued.refreshToken, issued.accessToken, 'renewed-refresh', 'renewed-access'])
  expect(world.api.tokens).not.toContain('renewed-access')
})

test('a connection that ends takes with it the sign-ins that are asked for at its server, and calls that wait for them are refused', async () => {
  const { world, a, connections } = await connected()
  const runId = await askedForMore(world, a)
  const [listed] = await connections.list(ada.principal)
  expect(await connections.disconnect(listed?.id ?? '', ada.principal)).toBe(true)
  expect((await world.ended(runId)).state).toBe('done')
  expect(world.told()).toMatchObject([{ status: 'cancelled', output: { message: 'You ended this connection.' } }])
  expect((await world.rows('authorizations')).map(({ state }) => state)).toEqual(['granted', 'cancelled'])
  expect((await world.rows('interactions')).filter(({ state }) => state === 'pending')).toEqual([])
})

test('a connection that ends while more is being granted stays gone, and what was granted is given back', async () => {
  const { world, a, connections } = await connected()
  const runId = await askedForMore(world, a)
  const { url, flow } = await world.agree(a, ada)
  const answer = gate()
  world.server.script[paths.token] = async () => (
    await answer.opened,
    Response.json(tokenBody({ access_token: 'more', refresh_token: 'more-2' }))
  )
  const arrival = world.server.arrival(paths.token)
  const finished = a.consents.finish(url, [flow], [ada])
  await arrival
  const [listed] = await connections.list(ada.principal)
  expect(await connections.disconnect(listed?.id ?? '', ada.principal)).toBe(true)
  answer.open()
  expect(await finished).toEqual({ outcome: 'earlier' })
  await world.ended(runId)
  expect(await world.rows('credentials')).toEqual([])
  const revoked = world.server.requests.filter(({ path }) => path === paths.revocation).map(({ form }) => form.get('token'))
  expect(revoked).toEqual([issued.refreshToken, issued.accessToken, 'more-2', 'more'])
})

test('a connection that another process ends while its provider grants one more, asking nobody: that one is not kept, nor asked for again', async () => {
  const [asked, mayGrant] = [gate(), gate()]
  const { world, provider, begun } = robotWorld(async (count) => {
    if (count > 1) asked.open()
    if (count > 1) await mayGrant.opened
  })
  const connections = new Connections({ ...world.deps, provider: () => provider })
  const ended = (id: string): Promise<unknown> => until(world.store, async () => (await world.run(id)).endedAt ?? undefined)
  await ended(await world.say('Go'))
  const elsewhere = { workflow: 'test', conversationId: 'another', messageId: 'm', text: 'Again', visitor: world.ada }
  const { runId } = await world.runs.start(elsewhere)
  await asked.opened
  const [listed] = await connections.list(world.ada.principal)
  await connections.disconnect(listed?.id ?? '', world.ada.principal)
  mayGrant.open()
  await ended(runId)
  expect(await connections.list(world.ada.principal)).toEqual([])
  expect(begun()).toBe(2)
  const calls = await world.store.transact('calls', (transaction) => transaction.find('calls', { runId }))
  expect(calls).toMatchObject([{ status: 'cancelled', output: { message: 'You ended this connection.' } }])
})

test("a connection that ends leaves other people's sign-ins alone", async () => {
  const { world, a, connections } = await connected()
  await world.say(a, grace)
  const { id } = await world.question(grace)
  const [listed] = await connections.list(ada.principal)
  await connections.disconnect(listed?.id ?? '', ada.principal)
  expect(await world.question(grace)).toMatchObject({ id, state: 'pending' })
})

test('two calls that lose the same connection ask for it once, and both go on', async () => {
  const [started, goOn] = [gate(), gate()]
  let entered = 0
  const world = signInWorld({
    model: scriptedModel([[{ call: 'calendar' }, { call: 'calendar' }], ['Two meetings.']]),
    tool: {
      async execute(_input, { fetch }) {
        if ((entered += 1) === 2) started.open()
        await goOn.opened
        return (await fetch(`${API}/today`)).status
      },
    },
  })
  const a = world.spawn('a')
  const runId = await world.say(a, ada)
  await world.signIn(a, ada)
  await started.opened
  await world.store.transact('disconnect', (transaction) => transaction.remove('credentials', {}))
  goOn.open()
  await world.signIn(a, ada)
  expect((await world.ended(runId)).state).toBe('done')
  expect((await world.rows('calls')).map(({ status }) => status)).toEqual(['ok', 'ok'])
  expect(await world.rows('interactions')).toHaveLength(2)
})

test('a renewed connection is as old as its consent', async () => {
  const { world, a } = await connected()
  const [before] = await world.rows('credentials')
  await world.runtime.advance(10 * 60_000)
  await world.ended(await world.say(a, ada))
  const [after] = await world.rows('credentials')
  expect([after?.connectedAt, after?.updatedAt]).toEqual([before?.connectedAt, (before?.updatedAt ?? 0) + 10 * 60_000])
})

test('a credential whose key is gone counts as absent: removed, recorded, logged, and the person is asked again and told why', async () => {
  const { world, a } = await connected()
  await world.store.transact('lose', (transaction) => transaction.update('credentials', {}, { sealed: 'v1.gone.AAAA.AAAA' }))
  await world.say(a, ada)
  expect((await world.question(ada)).again).toContain('can no longer be read')
  expect(await world.rows('credentials')).toEqual([])
  expect((await world.rows('audits')).map(({ record }) => record['outcome'])).toContain('invalid_seal')
  const errors = world.runtime.logged.filter(({ level }) => level === 'error').map(({ message }) => message)
  expect(errors).toEqual(['a credential could not be opened and was removed: its key is gone, or it was changed'])
})

/** Somebody who has signed in once. */
/** A call of hers has come to an API that wants more than was granted. */
async function askedForMore(world: SignInWorld, a: SignInProcess): Promise<string> {
  const challenge = { 'www-authenticate': 'Bearer error="insufficient_scope", scope="read write"' }
  world.api.answer = () => new Response('more is needed', { status: 403, headers: challenge })
  const runId = await world.say(a, ada)
  expect((await world.question(ada)).again).toContain('asks for more')
  return runId
}

async function connected() {
  const world = signInWorld()
  const a = world.spawn('a')
  const runId = await world.say(a, ada)
  await world.signIn(a, ada)
  await world.ended(runId)
  const providers = new Map(a.deps.workflow('test').providers)
  const connections = new Connections({ ...a.deps, provider: (name) => providerOf(providers, name) })
  return { world, a, connections, forget: () => providers.clear() }
}

/** A tool behind a provider that grants each call a credential of its own, and asks nobody. Nobody is told of what others do to its runs. */
function robotWorld(beforeGrant: (count: number) => Promise<void>) {
  let begun = 0
  const provider: AuthProvider = {
    type: 'robot',
    notifies: false,
    reuse: 'conversation',
    host: 'robot.example',
    clientId: 'client',
    scopesOf: () => [],
    async begin() {
      await beforeGrant((begun += 1))
      return { status: 'granted', credential: { tokenType: 'bearer', accessToken: new Secret('access'), scopes: [], expiresAt: null } }
    },
  }
  const model = scriptedModel((messages) => (messages.at(-1)?.role === 'user' ? [{ call: 'work' }] : ['Done.']))
  const auth = { provider: 'robot' }
  const work = defineTool({ name: 'work', description: 'Works.', input: z.object({}), auth, execute: async () => 'worked' })
  const runtime = virtualRuntime()
  const shared = memoryStore(runtime)
  const store: Store = {
    ...doorTo(shared, (_name, commit) => commit()),
    subscribe: (channel, ...rest) => (channel === 'run' ? () => undefined : shared.subscribe(channel, ...rest)),
  }
  const world = createWorld({ model, tools: [work], providers: new Map([['robot', provider]]), store, runtime })
  return { world, provider, begun: () => begun }
}
