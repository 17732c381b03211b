import { expect, test } from 'vitest'
import type { InteractionView } from '../protocol/interaction.ts'
import { issued, paths, tokenBody } from '../providers/hostile-server.ts'
import { gate } from '../testing/gate.ts'
import { people } from '../testing/people.ts'
import { type SignInWorld, signInWorld } from '../testing/sign-in-world.ts'

const { ada, grace, linus } = people

test('two returns at once make one exchange; the other is told that it was earlier', async () => {
  const { world, a } = await asked()
  const { url, flow } = await world.agree(a, ada)
  const outcomes = await Promise.all([a.consents.finish(url, [flow], [ada]), a.consents.finish(url, [flow], [ada])])
  expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual(['earlier', 'granted'])
  expect(world.server.count(paths.token)).toBe(1)
})

test('two returns at once in two processes make one exchange', async () => {
  const { world, a } = await asked()
  const b = world.spawn('b')
  const { url, flow } = await world.agree(a, ada)
  const outcomes = await Promise.all([b.consents.finish(url, [flow], [ada]), a.consents.finish(url, [flow], [ada])])
  expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual(['earlier', 'granted'])
  expect(world.server.count(paths.token)).toBe(1)
})

test('a sign-in is granted once: its return, loaded again later, changes nothing', async () => {
  const { world, a, runId } = await asked()
  const { url, flow } = await world.agree(a, ada)
  expect(await a.consents.finish(url, [flow], [ada])).toEqual({ outcome: 'granted' })
  await world.ended(runId)
  const before = await world.rows('credentials')
  expect(await a.consents.finish(url, [flow], [ada])).toEqual({ outcome: 'earlier' })
  expect(await world.rows('credentials')).toEqual(before)
  expect(world.server.count(paths.token)).toBe(1)
})

test.each<readonly [string, (url: URL) => void]>([
  ['an unknown state', (url) => url.searchParams.set('state', 'x'.repeat(43))],
  ['an empty state', (url) => url.searchParams.set('state', '')],
  ['no state', (url) => url.searchParams.delete('state')],
  ['two states', (url) => url.searchParams.append('state', url.searchParams.get('state') ?? '')],
  ['a state that is too long', (url) => url.searchParams.set('state', `${url.searchParams.get('state')}${'x'.repeat(512)}`)],
  ['a state of other case', (url) => url.searchParams.set('state', (url.searchParams.get('state') ?? '').toUpperCase())],
])('a return with %s is unknown; the sign-in waits on and can be finished', async (_name, change) => {
  const { world, a } = await asked()
  const { url, flow } = await world.agree(a, ada)
  const changed = new URL(url)
  change(changed)
  expect(await a.consents.finish(changed, [flow], [ada])).toEqual({ outcome: 'unknown' })
  expect(world.server.count(paths.token)).toBe(0)
  expect(await a.consents.finish(url, [flow], [ada])).toEqual({ outcome: 'granted' })
})

test.each([
  ['nothing', []],
  ['the flow of another sign-in', ['flow-of-another-sign-in']],
  ['an empty flow', ['']],
])('a return in a browser that keeps %s is refused and recorded; the right one can still finish', async (_name, flows) => {
  const { world, a } = await asked()
  const { url, flow } = await world.agree(a, ada)
  expect(await a.consents.finish(url, flows, [ada])).toEqual({ outcome: 'other_browser' })
  expect(world.server.count(paths.token)).toBe(0)
  expect(await recordsOf(world, 'callback-refused')).toEqual([expect.objectContaining({ why: 'other_browser' })])
  expect(await a.consents.finish(url, ['flow-of-another-sign-in', flow], [ada])).toEqual({ outcome: 'granted' })
})

test.each<readonly [string, (url: URL) => void]>([
  ['comes from another server', (url) => url.searchParams.set('iss', 'https://mallory.example')],
  ['names no server', (url) => url.searchParams.delete('iss')],
  ['has no code', (url) => url.searchParams.delete('code')],
  ['has two codes', (url) => url.searchParams.append('code', 'code-of-mallory')],
])('a return that %s is given back: recorded, nothing sent, and the person can still finish', async (_name, change) => {
  const { world, a, runId } = await asked()
  const { url, flow } = await world.agree(a, ada)
  const changed = new URL(url)
  change(changed)
  expect(await a.consents.finish(changed, [flow], [ada])).toEqual({ outcome: 'foreign_callback' })
  expect(world.server.count(paths.token)).toBe(0)
  expect(await recordsOf(world, 'callback-refused')).toEqual([expect.objectContaining({ why: 'foreign_callback' })])
  expect(await world.rows('authorizations')).toMatchObject([{ state: 'waiting', owner: null, exchangeUntil: 0 }])
  expect(await a.consents.finish(url, [flow], [ada])).toEqual({ outcome: 'granted' })
  expect((await world.ended(runId)).state).toBe('done')
})

test('a no at the authorization server is a no: no token request, the call is refused, nothing is asked again', async () => {
  const { world, a, runId } = await asked()
  const { url, flow } = await world.agree(a, ada)
  url.searchParams.delete('code')
  url.searchParams.set('error', 'access_denied')
  expect(await a.consents.finish(url, [flow], [ada])).toEqual({
    outcome: 'declined',
    sentence: 'You declined to sign in at login.example.',
  })
  expect((await world.ended(runId)).state).toBe('done')
  expect(world.server.count(paths.token)).toBe(0)
  expect(world.told()).toEqual([
    { status: 'refused', output: { error: 'access_denied', message: 'You declined to sign in at login.example.' } },
  ])
  expect(await world.rows('interactions')).toMatchObject([{ state: 'declined' }])
})

test('a sign-in that is stopped while its code is redeemed: the token is withdrawn at the server and not kept', async () => {
  const { world, a, runId } = await asked()
  const { url, flow } = await world.agree(a, ada)
  const answer = gate()
  world.server.script[paths.token] = async () => (await answer.opened, Response.json(tokenBody({ refresh_token: 'unwanted' })))
  const arrival = world.server.arrival(paths.token)
  const finished = a.consents.finish(url, [flow], [ada])
  await arrival
  expect(await a.runs.cancel('conversation:anonymous:ada', ada)).toBe(true)
  answer.open()
  expect(await finished).toEqual({ outcome: 'earlier' })
  expect((await world.ended(runId)).state).toBe('cancelled')
  expect(await world.rows('credentials')).toEqual([])
  expect(await world.rows('interactions')).toMatchObject([{ state: 'cancelled' }])
  const revoked = world.server.requests.filter(({ path }) => path === paths.revocation)
  expect(revoked.map(({ form }) => form.get('token'))).toEqual(['unwanted', issued.accessToken])
})

test('a withdrawal that fails changes nothing: the sign-in stays stopped', async () => {
  const { world, a } = await asked()
  const { url, flow } = await world.agree(a, ada)
  const answer = gate()
  world.server.script[paths.token] = async () => (await answer.opened, Response.json(tokenBody()))
  world.server.script[paths.revocation] = () => new Response(null, { status: 503 })
  const arrival = world.server.arrival(paths.token)
  const finished = a.consents.finish(url, [flow], [ada])
  await arrival
  await a.runs.cancel('conversation:anonymous:ada', ada)
  answer.open()
  expect(await finished).toEqual({ outcome: 'earlier' })
  expect(await world.rows('credentials')).toEqual([])
})

test('a sign-in that expires while the person is at the authorization server: the return is too late, and the run is told of the expiry', async () => {
  const { world, a, runId, question } = await asked()
  const { url, flow } = await world.agree(a, ada)
  await world.runtime.advance(question.expiresAt - world.runtime.now())
  await a.runs.tick()
  expect((await world.ended(runId)).state).toBe('done')
  expect(await a.consents.finish(url, [flow], [ada])).toEqual({ outcome: 'ended', state: 'expired' })
  expect(world.server.count(paths.token)).toBe(0)
  expect(world.told()).toEqual([{ status: 'refused', output: expect.objectContaining({ error: 'expired' }) }])
  expect(await world.rows('interactions')).toMatchObject([{ state: 'expired' }])
})

test('a return after the deadline is too late, also before anybody has looked after what is due', async () => {
  const { world, a, question } = await asked()
  const { url, flow } = await world.agree(a, ada)
  await world.runtime.advance(question.expiresAt - world.runtime.now())
  expect(await a.consents.finish(url, [flow], [ada])).toEqual({ outcome: 'ended', state: 'expired' })
  expect(await a.consents.open(question.id, [ada], flow)).toEqual({ outcome: 'ended', state: 'expired' })
  expect(world.server.count(paths.token)).toBe(0)
})

test('a sign-in at its deadline whose code is just being redeemed is not cut off', async () => {
  const { world, a, question, runId } = await asked()
  const { url, flow } = await world.agree(a, ada)
  await world.runtime.advance(question.expiresAt - world.runtime.now() - 1)
  const answer = gate()
  world.server.script[paths.token] = async () => (await answer.opened, Response.json(tokenBody()))
  const arrival = world.server.arrival(paths.token)
  const finished = a.consents.finish(url, [flow], [ada])
  await arrival
  await world.runtime.advance(1)
  await a.runs.tick()
  answer.open()
  expect(await finished).toEqual({ outcome: 'granted' })
  expect((await world.ended(runId)).state).toBe('done')
})

test('a sign-in opened again in the same browser replaces the address: only the newer return counts', async () => {
  const { world, a } = await asked()
  const first = await world.agree(a, ada)
  const second = await world.agree(a, ada, first.flow)
  expect(second.flow).toBe(first.flow)
  expect(second.url.searchParams.get('state')).not.toBe(first.url.searchParams.get('state'))
  expect(await a.consents.finish(first.url, [first.flow], [ada])).toEqual({ outcome: 'unknown' })
  expect(world.server.count(paths.token)).toBe(0)
  expect(await a.consents.finish(second.url, [second.flow], [ada])).toEqual({ outcome: 'granted' })
})

test('a sign-in opened in two windows at once has one winner', async () => {
  const { world, a, question } = await asked()
  const opened = await Promise.all([a.consents.open(question.id, [ada], undefined), a.consents.open(question.id, [ada], undefined)])
  expect(opened.map(({ outcome }) => outcome).toSorted()).toEqual(['ended', 'redirect'])
  expect(await recordsOf(world, 'authorization-open')).toHaveLength(1)
})

test('an anonymous browser that never got what it was to keep opens the sign-in anew', async () => {
  const { world, a } = await asked()
  const lost = await world.agree(a, ada)
  const { url, flow } = await world.agree(a, ada)
  expect(flow).not.toBe(lost.flow)
  expect(await a.consents.finish(lost.url, [lost.flow], [ada])).toEqual({ outcome: 'unknown' })
  expect(await a.consents.finish(url, [lost.flow], [ada])).toEqual({ outcome: 'other_browser' })
  expect(await a.consents.finish(url, [flow], [ada])).toEqual({ outcome: 'granted' })
})

test('what a browser is to keep is never its own choice', async () => {
  const { a, question } = await asked()
  const opened = await a.consents.open(question.id, [ada], 'chosen-by-somebody')
  expect(opened).toMatchObject({ outcome: 'redirect', flow: expect.not.stringContaining('chosen-by-somebody') })
})

test.each([
  ['another person', grace],
  ['the same anonymous person in another session', { ...ada, sessionId: 'session-of-somebody' }],
  ['the same anonymous person without a session', { ...ada, sessionId: null }],
])('a sign-in is not there for %s', async (_name, visitor) => {
  const { world, a, question } = await asked()
  expect(await a.consents.open(question.id, [visitor], undefined)).toEqual({ outcome: 'not_found' })
  expect(await a.consents.open('no-such-question', [visitor], undefined)).toEqual({ outcome: 'not_found' })
  expect(await world.rows('authorizations')).toMatchObject([{ flowDigest: null }])
})

test('a user may open a sign-in from any session, and take it over in another browser: what was opened before counts for nothing', async () => {
  const { world, a } = await asked({ by: linus })
  const onPhone = { ...linus, sessionId: 'session-of-the-phone' }
  const first = await world.agree(a, linus)
  const second = await world.agree(a, onPhone, 'flow-of-another-sign-in')
  expect(second.flow).not.toBe(first.flow)
  expect(await a.consents.finish(first.url, [first.flow], [linus])).toEqual({ outcome: 'unknown' })
  expect(await a.consents.finish(second.url, [first.flow], [linus])).toEqual({ outcome: 'other_browser' })
  expect(world.server.count(paths.token)).toBe(0)
  expect(await a.consents.finish(second.url, [second.flow], [onPhone])).toEqual({ outcome: 'granted' })
})

test.each([
  ['nobody knows any more', []],
  ['somebody else is signed in to', [{ ...linus, principal: { ...linus.principal, id: 'user:mallory' } }]],
  ['an anonymous person sits at', [ada]],
])('a return in the right browser, which %s, is refused and recorded', async (_name, visitors) => {
  const { world, a } = await asked({ by: linus })
  const { url, flow } = await world.agree(a, linus)
  expect(await a.consents.finish(url, [flow], visitors)).toEqual({ outcome: 'other_browser' })
  expect(world.server.count(paths.token)).toBe(0)
  expect(await recordsOf(world, 'callback-refused')).toEqual([expect.objectContaining({ why: 'other_browser' })])
  expect(await a.consents.finish(url, [flow], [linus])).toEqual({ outcome: 'granted' })
})

test('a sign-in whose state cannot be opened any more, for its key is gone, is asked for anew and can be finished', async () => {
  const { world, a, question } = await asked()
  await world.store.transact('lose', (transaction) => transaction.update('authorizations', {}, { sealedState: 'v1.gone.AAAA.AAAA' }))
  expect(await a.consents.open(question.id, [ada], undefined)).toEqual({ outcome: 'ended', state: 'failed' })
  expect((await world.question(ada)).again).toContain('interrupted')
  await world.signIn(a, ada)
  expect(await world.rows('credentials')).toHaveLength(1)
})

test('a sign-in that has ended cannot be opened, and its end is told', async () => {
  const { world, a, question } = await asked()
  await world.signIn(a, ada)
  expect(await a.consents.open(question.id, [ada], undefined)).toEqual({ outcome: 'ended', state: 'answered' })
})

test('neither state, code, verifier nor token stands in an event, an audit record, a log line or what the model is told', async () => {
  const { world, a, runId } = await asked()
  const { url, flow } = await world.agree(a, ada)
  await a.consents.finish(url, [flow], [ada])
  await world.ended(runId)
  const verifier = world.server.requests.find(({ path }) => path === paths.token)?.form.get('code_verifier') ?? ''
  const secrets = [url.searchParams.get('state'), url.searchParams.get('code'), flow, verifier, ...world.api.tokens].map(String)
  const { refresh_token: refreshToken } = tokenBody()
  const tables = ['events', 'audits', 'authorizations', 'interactions', 'credentials', 'messages', 'calls'] as const
  const written = await Promise.all(tables.map((table) => world.rows(table)))
  const text = JSON.stringify([written, world.runtime.logged, world.model.requests])
  expect([...secrets, String(refreshToken)].filter((secret) => secret.length === 0 || text.includes(secret))).toEqual([])
})

/** A person has asked for something that needs a sign-in. */
async function asked({ by = ada }: { by?: (typeof people)[keyof typeof people] } = {}): Promise<{
  world: SignInWorld
  a: ReturnType<SignInWorld['spawn']>
  runId: string
  question: InteractionView
}> {
  const world = signInWorld()
  const a = world.spawn('a')
  const runId = await world.say(a, by)
  return { world, a, runId, question: await world.question(by) }
}

async function recordsOf(world: SignInWorld, type: string): Promise<readonly unknown[]> {
  return (await world.rows('audits')).map(({ record }) => record).filter((record) => record['type'] === type)
}
