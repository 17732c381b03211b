import {
  adoptSession,
  Connections,
  memoryStore,
  providerOf,
  type Rows,
  type Store,
  type TableName,
  userOf,
  type Visitor,
} from '@countersign/core'
import {
  conversationOf,
  gate,
  paths,
  people,
  type SignInProcess,
  type SignInWorld,
  type SignInWorldParts,
  signInWorld,
  tokenBody,
  virtualRuntime,
} from '@countersign/core/testing'
import { openSqliteStore } from '@countersign/server'
import { describe, expect, onTestFinished, test } from 'vitest'

const { ada, grace } = people
/** The same person, once somebody knows who she is. */
const known: Visitor = { principal: userOf({ issuer: 'https://idp.example', subject: 'ada', name: 'Ada' }), sessionId: 'session-known' }
const onPhone: Visitor = { ...known, sessionId: 'session-on-the-phone' }

describe.each(['memory', 'sqlite'] as const)('a browser that signs in to the server, on %s,', (name) => {
  test('keeps the sign-in that it was asked for: the user finishes it, nobody else does, and the run goes on', async () => {
    const { world, a, adopt } = await open(name)
    const runId = await world.say(a, ada)
    const { id } = await world.question(ada)
    await adopt()
    for (const stranger of [ada, grace]) {
      expect(await a.consents.open(id, [stranger], undefined)).toEqual({ outcome: 'not_found' })
      expect(await a.runs.answer(id, { action: 'decline' }, stranger)).toEqual({ outcome: 'not_found' })
    }
    const { url, flow } = await leave(a, id, onPhone)
    expect(await a.consents.finish(url, [flow], [onPhone])).toEqual({ outcome: 'granted' })
    expect(await world.ended(runId)).toMatchObject({ state: 'done', principal: known.principal, sessionId: known.sessionId })
    expect(world.told()).toMatchObject([{ status: 'ok' }])
    expect(await ownersOf(world, 'credentials')).toEqual([known.principal.id])
    expect(await ownersOf(world, 'conversations', 'interactions', 'authorizations')).toEqual([known.principal.id])
  })

  test('may be at the authorization server just then: it comes back as the user, and only so', async () => {
    const { world, a, adopt } = await open(name)
    const runId = await world.say(a, ada)
    const { url, flow } = await world.agree(a, ada)
    await adopt()
    expect(await a.consents.finish(url, [flow], [ada])).toEqual({ outcome: 'other_browser' })
    expect(world.server.count(paths.token)).toBe(0)
    expect(await a.consents.finish(url, [flow], [known])).toEqual({ outcome: 'granted' })
    expect((await world.ended(runId)).state).toBe('done')
    expect(await ownersOf(world, 'credentials')).toEqual([known.principal.id])
  })

  test('while its code is redeemed: the credential is the user’s, and nothing is asked twice', async () => {
    const { world, a, adopt } = await open(name)
    const runId = await world.say(a, ada)
    const { url, flow } = await world.agree(a, ada)
    const answer = gate()
    world.server.script[paths.token] = async () => (await answer.opened, Response.json(tokenBody()))
    const arrival = world.server.arrival(paths.token)
    const finished = a.consents.finish(url, [flow], [ada])
    await arrival
    await adopt()
    answer.open()
    expect(await finished).toEqual({ outcome: 'granted' })
    expect((await world.ended(runId)).state).toBe('done')
    expect(world.told()).toMatchObject([{ status: 'ok' }])
    expect(await ownersOf(world, 'credentials')).toEqual([known.principal.id])
    expect(await world.rows('authorizations')).toHaveLength(1)
    expect((await world.rows('audits')).filter(({ record }) => record['type'] === 'grant')).toMatchObject([
      { stream: `principal:${known.principal.id}` },
    ])
  })

  test('leaves behind what it was connected to, also for a call that is under way: the user is asked', async () => {
    const started = gate()
    const goOn = gate()
    const execute: NonNullable<SignInWorldParts['tool']>['execute'] = async (_input, { fetch }) => {
      started.open()
      await goOn.opened
      return (await fetch('https://api.example/today')).status
    }
    const { world, a, adopt } = await open(name, { tool: { execute } })
    const runId = await world.say(a, ada)
    await world.signIn(a, ada)
    await started.opened
    await adopt()
    expect(await world.rows('credentials')).toEqual([])
    goOn.open()
    const asked = await world.question(ada)
    expect(asked.again).toContain('no longer there')
    const { url, flow } = await leave(a, asked.id, known)
    expect(await a.consents.finish(url, [flow], [known])).toEqual({ outcome: 'granted' })
    expect((await world.ended(runId)).state).toBe('done')
    expect(await ownersOf(world, 'credentials')).toEqual([known.principal.id])
    const revoked = world.server.requests.filter(({ path }) => path === paths.revocation)
    expect(revoked.map(({ form }) => form.get('token_type_hint'))).toEqual(['refresh_token', 'access_token'])
  })

  test('is asked for nothing that the user is connected to already', async () => {
    const { world, a, adopt } = await open(name)
    await world.say(a, known)
    await world.signIn(a, known)
    const runId = await world.say(a, ada)
    await world.question(ada)
    await adopt()
    expect((await world.ended(runId)).state).toBe('done')
    expect(world.told()).toMatchObject([{ status: 'ok' }])
    const closed = (await world.events(ada)).find((event) => event.type === 'interaction-close')
    expect(closed).toMatchObject({ state: 'cancelled', sentence: 'You are already connected to login.example.' })
    expect(world.server.count(paths.token)).toBe(1)
  })

  test('while the model thinks: what follows is asked of the user', async () => {
    const thinks = gate()
    const arrived = gate()
    const { world, a, adopt } = await open(name, {
      model: {
        name: 'slow',
        async *stream({ messages }) {
          arrived.open()
          await thinks.opened
          if (messages.at(-1)?.role === 'user') yield { type: 'call', tool: 'calendar', input: {} }
          else yield { type: 'text', text: 'Two meetings.' }
        },
      },
    })
    const runId = await world.say(a, ada)
    await arrived.opened
    await adopt()
    thinks.open()
    const { id } = await world.question(ada)
    expect(await world.rows('interactions')).toMatchObject([{ principalId: known.principal.id, sessionId: null }])
    const { url, flow } = await leave(a, id, known)
    await a.consents.finish(url, [flow], [known])
    expect((await world.ended(runId)).state).toBe('done')
  })

  test('after a no: the no stays, and nothing is asked again', async () => {
    const { world, a, adopt } = await open(name)
    const runId = await world.say(a, ada)
    const { id } = await world.question(ada)
    // Between the no and the run that hears of it.
    await world.store.transact('decline', async (transaction) => {
      await transaction.update('interactions', { id }, { state: 'declined' })
      await transaction.update('authorizations', { interactionId: id }, { state: 'denied', failureCode: 'access_denied' })
    })
    await adopt()
    await world.store.transact('wake', (transaction) => transaction.update('runs', { id: runId }, { state: 'ready' }))
    await a.runs.tick()
    expect((await world.ended(runId)).state).toBe('done')
    expect(world.told()).toMatchObject([{ status: 'refused' }])
    expect(await world.rows('interactions')).toHaveLength(1)
  })

  test('takes over no conversation, question or run of anybody else', async () => {
    const { world, a, adopt } = await open(name)
    await world.say(a, grace)
    const theirs = await world.question(grace)
    await world.say(a, ada)
    await world.question(ada)
    await adopt()
    expect((await world.rows('conversations')).map(({ id, principalId }) => [id, principalId])).toEqual(
      expect.arrayContaining([
        [conversationOf(grace), grace.principal.id],
        [conversationOf(ada), known.principal.id],
      ]),
    )
    expect(await a.consents.open(theirs.id, [known], undefined)).toEqual({ outcome: 'not_found' })
    expect(await a.consents.open(theirs.id, [grace], undefined)).toMatchObject({ outcome: 'redirect' })
  })
})

async function open(name: 'memory' | 'sqlite', parts: SignInWorldParts = {}) {
  const runtime = virtualRuntime()
  // The watch over stuck units needs real time, which this runtime does not have.
  const quiet = { ...runtime, timer: () => () => undefined }
  const store: Store = name === 'memory' ? memoryStore(runtime) : await openSqliteStore({ file: ':memory:', runtime: quiet })
  onTestFinished(() => store.close())
  const world = signInWorld({ ...parts, store })
  const a = world.spawn('a')
  return { world, a, adopt: () => adoptBy(a) }
}

/** What a sign-in to the server does with the session that it replaces. */
async function adoptBy({ deps }: SignInProcess): Promise<void> {
  const { providers } = deps.workflow('test')
  const connections = new Connections({ ...deps, provider: (name) => providerOf(providers, name) })
  const taken = await deps.store.transact('sign-in', async (transaction) => {
    await adoptSession(transaction, deps, { from: ada, to: known })
    return connections.takeAll(transaction, ada.principal)
  })
  await connections.withdraw(taken, ada.principal)
}

/** Opens a sign-in and agrees at the authorization server. */
async function leave({ consents, deps }: SignInProcess, id: string, visitor: Visitor): Promise<{ url: URL; flow: string }> {
  const opened = await consents.open(id, [visitor], undefined)
  if (opened.outcome !== 'redirect') throw new Error(`the sign-in was not opened: ${JSON.stringify(opened)}`)
  const url = new URL(deps.redirectUri)
  const state = new URL(opened.url).searchParams.get('state') ?? ''
  url.search = new URLSearchParams({ code: `code-of-${state}`, state, iss: 'https://login.example' }).toString()
  return { url, flow: opened.flow }
}

/** Whose rows these are. */
async function ownersOf<T extends Extract<TableName, 'credentials' | 'conversations' | 'interactions' | 'authorizations'>>(
  world: SignInWorld,
  ...tables: readonly T[]
): Promise<readonly string[]> {
  const rows = await Promise.all(tables.map((table) => world.rows(table)))
  return [...new Set(rows.flat().map((row: Rows[T]) => row.principalId))]
}
