import { expect, test } from 'vitest'
import { transactOn } from '../audit/ledger.ts'
import { people } from '../testing/people.ts'
import { type SignInWorld, signInWorld } from '../testing/sign-in-world.ts'
import { type AuthorizationEnd, LIVE, endAuthorization, isLive, prepareStep, recordWait, sealedPlace } from './authorization.ts'

const { ada } = people
const ends: readonly AuthorizationEnd[] = [
  { state: 'granted', by: ada.principal.id },
  { state: 'denied', code: 'access_denied', reason: 'You declined.', by: ada.principal.id },
  { state: 'expired', code: 'expired', by: 'system' },
  { state: 'failed', code: 'upstream_failed', reason: 'The server did not answer.', by: 'system' },
  { state: 'cancelled', code: 'cancelled', by: ada.principal.id },
]

test.each([
  ['granted', 'answered'],
  ['denied', 'declined'],
  ['expired', 'expired'],
  ['failed', 'failed'],
  ['cancelled', 'cancelled'],
] as const)(
  'an authorization that is %s leaves its question %s, wakes its run once, and forgets what was sealed',
  async (state, question) => {
    const { world, end } = await waiting()
    const [run] = await world.rows('runs')
    expect(await end(ends.find((each) => each.state === state))).toBe(true)
    expect(await world.rows('interactions')).toMatchObject([{ state: question }])
    expect(await world.rows('authorizations')).toMatchObject([{ state, sealedState: null, owner: null }])
    expect((await world.rows('runs'))[0]).toMatchObject({ state: 'ready', wake: (run?.wake ?? 0) + 1 })
  },
)

test.each(ends.flatMap((first) => ends.map((second) => ({ first, second }))))(
  'what has ended as $first.state does not end as $second.state: nothing is written',
  async ({ first, second }) => {
    const { world, end } = await waiting()
    await end(first)
    const before = await everything(world)
    expect(await end(second)).toBe(false)
    expect(await everything(world)).toEqual(before)
  },
)

test('an end counts only from the states it was meant for', async () => {
  const { world, end } = await waiting()
  const before = await everything(world)
  expect(await end(ends[0], ['exchanging'])).toBe(false)
  expect(await everything(world)).toEqual(before)
})

test('an authorization whose question was asked while its end was on the way takes the question with it', async () => {
  const { world, end } = await waiting()
  expect(await end(ends[4], LIVE, { interactionId: null })).toBe(true)
  expect(await world.rows('interactions')).toMatchObject([{ state: 'cancelled' }])
})

test('only what is requested, waiting or exchanging is live', () => {
  const states = ['requested', 'waiting', 'exchanging', 'granted', 'denied', 'expired', 'failed', 'cancelled'] as const
  expect(states.filter((state) => isLive({ state }))).toEqual(LIVE)
})

test('a wait is recorded once: a second answer to the same request asks nobody', async () => {
  const { world, a, authorization, run } = await waiting()
  const before = await everything(world)
  const provider = a.deps.workflow('test').providers.get('hostile')
  const step = await prepareStep(a.deps, authorization, { status: 'waiting', challenge: { kind: 'oauth_consent', host: 'x' }, state: {} })
  if (!provider || step.status !== 'waiting') throw new Error('the step waits')
  const asked = { run, authorization, step, provider, tool: 'calendar', startUrl: a.deps.startUrl, runtime: world.runtime }
  const recorded = await transactOn(a.deps, { name: 'again', conversationId: run.conversationId }, (transaction, ledger) =>
    recordWait(transaction, ledger, asked),
  )
  expect(recorded).toBeUndefined()
  expect(await everything(world)).toEqual(before)
})

test("what a provider remembers is sealed for its authorization: another one's does not open", async () => {
  const { world, a } = await waiting()
  const { url } = await world.agree(a, ada)
  const [authorization] = await world.rows('authorizations')
  if (!authorization) throw new Error('there is an authorization')
  const { sealer } = a.deps
  const opened = JSON.parse(await sealer.open(authorization.sealedState ?? '', sealedPlace(authorization))) as Record<string, unknown>
  expect(opened['state']).toBe(url.searchParams.get('state'))
  for (const moved of [{ id: 'another' }, { provider: 'mail' }])
    await expect(sealer.open(authorization.sealedState ?? '', sealedPlace({ ...authorization, ...moved }))).rejects.toMatchObject({
      code: 'invalid_seal',
    })
})

test('a question of a sign-in never outlives its authorization, whatever the provider says', async () => {
  const { world } = await waiting()
  const [authorization] = await world.rows('authorizations')
  const [interaction] = await world.rows('interactions')
  expect(interaction?.expiresAt).toBe(authorization?.expiresAt)
  expect(authorization?.expiresAt).toBe(world.runtime.now() + 10 * 60_000)
})

/** A sign-in that waits for the person, and the process that asked. */
async function waiting() {
  const world = signInWorld()
  const a = world.spawn('a')
  await world.say(a, ada)
  await world.question(ada)
  // Nobody goes on with the run: what is looked at stands still.
  await a.runs.stop(0)
  const [[authorization], [run]] = [await world.rows('authorizations'), await world.rows('runs')]
  if (!authorization || !run) throw new Error('a sign-in waits')
  const end = (how: AuthorizationEnd | undefined, from = LIVE, seen: Partial<typeof authorization> = {}): Promise<boolean> => {
    if (!how) throw new Error('there is such an end')
    return transactOn(a.deps, { name: 'end', conversationId: run.conversationId }, (transaction, ledger) =>
      endAuthorization(transaction, ledger, { authorization: { ...authorization, ...seen }, from, end: how, runtime: world.runtime }),
    )
  }
  return { world, a, authorization, run, end }
}

function everything(world: SignInWorld): Promise<unknown> {
  return Promise.all((['authorizations', 'interactions', 'runs', 'events', 'audits'] as const).map((table) => world.rows(table)))
}
