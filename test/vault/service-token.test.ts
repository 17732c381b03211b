import { Connections, type Store } from '@countersign/core'
import { doorTo, gate, mortal, paths, people, tokenBody } from '@countersign/core/testing'
import { describe, expect, test } from 'vitest'
import { CALLS, robotWorld } from './robot-world.ts'
import { places, twoStores } from './two-stores.ts'

const { ada, linus } = people

describe.each(places)('on %s', (place) => {
  test('fifty calls of two people in two processes obtain the one token of the service with one request', async () => {
    const world = robotWorld(await twoStores(place))
    // Not before all of them have found that there is none.
    const answer = gate()
    const { [paths.token]: well } = world.server.script
    world.server.script[paths.token] = async (...asked) => (await answer.opened, (await well?.(...asked)) ?? new Response())
    const arrival = world.server.arrival(paths.token)
    const runs = [await world.ask(world.a, ada), await world.ask(world.b, linus)]
    await arrival
    answer.open()
    await world.ended(runs)
    expect(world.server.count(paths.token)).toBe(1)
    expect(world.tokens).toEqual(Array.from({ length: 2 * CALLS }, () => 'service-1'))
    expect(await world.rows('authorizations')).toEqual([])
    expect(await world.rows('interactions')).toEqual([])
  }, 30_000)
})

test('a process that found no token while another was already asking for one waits for that one', async () => {
  const world = robotWorld()
  const arrival = world.server.arrival(paths.token)
  // It is held where it would make room for the token, until the other one's request is on its way.
  const door = (store: Store): Store => doorTo(store, async (name, commit) => (name === 'vault-room' ? arrival.then(commit) : commit()))
  const late = world.vaultAsked(world.spawnWith({ door, network: (fetch) => fetch }), linus)
  const answers = [await world.vaultAsked(world.a, ada), await world.passing(late)]
  expect(answers).toMatchObject([{ credential: { scopes: ['read'] } }, { credential: { scopes: ['read'] } }])
  expect(world.server.count(paths.token)).toBe(1)
})

test('a token is renewed before its end, by one request, while the calls go on with the old one', async () => {
  const world = robotWorld()
  await world.ended([await world.ask(world.a, ada)])
  // It lives for 300 s, and is renewed in its last 70.
  await world.runtime.advance(229_000)
  await world.ended([await world.ask(world.a, ada)])
  expect(world.server.count(paths.token)).toBe(1)
  await world.runtime.advance(2_000)
  await world.ended([await world.ask(world.a, ada), await world.ask(world.b, linus)])
  await Promise.all([world.a, world.b].map(({ deps }) => deps.vault.settled()))
  expect(world.server.count(paths.token)).toBe(2)
  await world.ended([await world.ask(world.b, linus)])
  expect(world.tokens.at(-1)).toBe('service-2')
})

test('a token that cannot be renewed early is good until its end, and nobody notices', async () => {
  const world = robotWorld()
  await world.ended([await world.ask(world.a, ada)])
  await world.runtime.advance(231_000)
  world.server.script[paths.token] = () => new Response(null, { status: 503 })
  await world.ended([await world.ask(world.a, ada)])
  await world.a.deps.vault.settled()
  expect(world.tokens.at(-1)).toBe('service-1')
  expect(await world.rows('credentials')).toMatchObject([{ refreshUntil: 0 }])
})

test('a token that the API no longer takes is fetched once more, by all together; then the tools get the answer', async () => {
  const world = robotWorld()
  world.api.answer = () => new Response(null, { status: 401 })
  await world.ended([await world.ask(world.a, ada)])
  expect(world.server.count(paths.token)).toBe(2)
  expect(world.told()).toEqual([{ status: 'ok', output: 401 }])
  expect(await world.rows('interactions')).toEqual([])
})

test.each([
  ['invalid_client', 401, 'login.example does not accept this application; its operator has to look at the configuration.'],
  ['invalid_scope', 400, 'login.example does not offer what the tool asks for.'],
  ['server_error', 500, 'login.example did not answer as it should'],
])('a service that is refused with %s says so, asks nobody, and is tried again by the next call', async (error, status, sentence) => {
  const world = robotWorld()
  const { [paths.token]: well } = world.server.script
  world.server.script[paths.token] = () => Response.json({ error }, { status })
  await world.ended([await world.ask(world.a, ada)])
  expect(world.told()).toMatchObject([{ status: 'failed', output: { message: expect.stringContaining(sentence) } }])
  expect(world.tokens).toEqual([])
  if (well) world.server.script[paths.token] = well
  await world.ended([await world.ask(world.a, ada)])
  expect(world.told()).toEqual([{ status: 'ok', output: 200 }])
})

test('less than was asked for is not used', async () => {
  const world = robotWorld()
  world.server.script[paths.token] = () => Response.json(tokenBody({ scope: 'other' }))
  await world.ended([await world.ask(world.a, ada)])
  expect(world.told()).toMatchObject([{ status: 'refused', output: { error: 'insufficient_scope' } }])
  expect(world.tokens).toEqual([])
})

/** What a process does to obtain a token: it looks, makes room, looks, takes the room, asks the server, and puts the token there. */
const points = [0, 1, 2, 3, 4, 5]
test.each(points.flatMap((point) => [{ point, side: 'before' } as const, { point, side: 'after' } as const]))(
  'a process that dies $side its step $point leaves nothing behind that keeps others from a token',
  async (cut) => {
    const world = robotWorld()
    const ways = mortal(paths.token, cut)
    void world.vaultAsked(world.spawnWith(ways), ada)
    await ways.death
    expect(await world.passing(world.vaultAsked(world.b, linus))).toMatchObject({ credential: { scopes: ['read'] } })
    expect(await world.rows('credentials')).toHaveLength(1)
    expect(world.server.count(paths.token)).toBeLessThanOrEqual(2)
  },
)

test("a person who leaves takes nothing of the service's along, and does not see it", async () => {
  const world = robotWorld()
  await world.ended([await world.ask(world.a, linus)])
  const { store, runtime, sealer, redirectUri } = world.a.deps
  const connections = new Connections({ store, runtime, sealer, redirectUri, provider: () => world.provider })
  expect(await connections.list(linus.principal)).toEqual([])
  expect(await store.transact('leave', (transaction) => connections.takeAll(transaction, linus.principal))).toEqual([])
  expect(await world.rows('credentials')).toHaveLength(1)
})
