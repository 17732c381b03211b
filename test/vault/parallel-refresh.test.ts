import { gate, paths, people, scriptedModel, type SignInProcess, type SignInWorld, signInWorld, tokenBody } from '@countersign/core/testing'
import { describe, expect, test } from 'vitest'
import { places, twoStores } from './two-stores.ts'

const { ada } = people
const CALLS = 25

describe.each(places)('fifty calls in two processes on %s', (place) => {
  test('that find an expired token renew it once, at a server that takes each refresh token once', async () => {
    const { world, a, b, server } = await connected(place)
    // Not before all of them have seen the expired token.
    const answer = gate()
    server.before = () => answer.opened
    const arrival = world.server.arrival(paths.token)
    await world.runtime.advance(10 * 60_000)
    const runs = [await ask(a, 'first'), await ask(b, 'second')]
    await arrival
    answer.open()
    await passUntilEnded(world, runs)
    expect(server.renewals).toEqual(['refresh-1'])
    expect(world.api.tokens).toEqual(Array.from({ length: 2 * CALLS }, () => 'access-2'))
    expect(await statusesOf(world, runs)).toEqual(['ok'])
  }, 30_000)

  test('whose token the API no longer takes renew it once, and go out once more', async () => {
    const { world, a, b, server } = await connected(place)
    world.api.answer = (request) =>
      request.headers.get('authorization') === 'Bearer access-1' ? new Response(null, { status: 401 }) : Response.json({ meetings: 2 })
    const runs = [await ask(a, 'first'), await ask(b, 'second')]
    await passUntilEnded(world, runs)
    expect(server.renewals).toEqual(['refresh-1'])
    expect(world.api.tokens.filter((token) => token === 'access-2')).toHaveLength(2 * CALLS)
    expect(await statusesOf(world, runs)).toEqual(['ok'])
  }, 30_000)
})

/** Ada has signed in; her next messages lead to many calls at once. */
async function connected(place: (typeof places)[number]) {
  const [store, other] = await twoStores(place)
  const many = Array.from({ length: CALLS }, () => ({ call: 'calendar' }))
  const model = scriptedModel((messages) => {
    const last = messages.at(-1)
    if (last?.role !== 'user') return ['Done.']
    return last.text === 'many' ? many : [{ call: 'calendar' }]
  })
  const world = signInWorld({ store, model })
  const server = detectingServer(world)
  const a = world.spawn('a')
  const b = world.spawn('b', { door: () => other })
  const first = await world.say(a, ada)
  await world.signIn(a, ada)
  await world.ended(first)
  world.api.tokens.length = 0
  return { world, a, b, server }
}

/** Rotates refresh tokens; one that comes twice is taken for stolen, and ends the grant (RFC 9700 §4.14.2). */
function detectingServer({ server }: SignInWorld) {
  const detecting: { renewals: (string | null)[]; before: () => Promise<void> } = { renewals: [], before: async () => undefined }
  const used = new Set<string | null>()
  let issued = 0
  server.script[paths.token] = async (form) => {
    if (form.get('grant_type') === 'refresh_token') {
      const token = form.get('refresh_token')
      detecting.renewals.push(token)
      await detecting.before()
      if (used.has(token)) return Response.json({ error: 'invalid_grant' }, { status: 400 })
      used.add(token)
    }
    issued += 1
    return Response.json(tokenBody({ access_token: `access-${issued}`, refresh_token: `refresh-${issued}` }))
  }
  return detecting
}

async function ask({ runs }: SignInProcess, conversationId: string): Promise<string> {
  return (await runs.start({ workflow: 'test', conversationId, messageId: conversationId, text: 'many', visitor: ada })).runId
}

async function statusesOf(world: SignInWorld, runIds: readonly string[]): Promise<readonly unknown[]> {
  const calls = (await world.rows('calls')).filter(({ runId }) => runIds.includes(runId))
  expect(calls).toHaveLength(2 * CALLS)
  return [...new Set(calls.map(({ status }) => status))]
}

/** Lets time pass: who waits for another process looks again and again, and on SQLite nobody tells of its commits. */
async function passUntilEnded(world: SignInWorld, runIds: readonly string[]): Promise<void> {
  const areEnded = async (): Promise<boolean> =>
    (await world.rows('runs')).every(({ id, endedAt }) => !runIds.includes(id) || endedAt !== null)
  while (!(await areEnded())) await world.runtime.advance(10)
}
