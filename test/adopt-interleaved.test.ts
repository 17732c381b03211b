import { adoptSession, Connections, linkHash, memoryStore, providerOf, type Store, userOf, type Visitor } from '@countersign/core'
import {
  conversationOf,
  doorTo,
  people,
  scriptedModel,
  type SignInProcess,
  type SignInWorld,
  signInWorld,
  type StepScheduler,
  type VirtualRuntime,
  virtualRuntime,
} from '@countersign/core/testing'
import { openSqliteStore } from '@countersign/server'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'

const { ada } = people
const known: Visitor = { principal: userOf({ issuer: 'https://idp.example', subject: 'ada' }), sessionId: 'session-known' }

const stores = {
  memory: async (runtime: VirtualRuntime): Promise<Store> => memoryStore(runtime),
  // The watch over stuck units needs real time, which this runtime does not have.
  sqlite: (runtime: VirtualRuntime): Promise<Store> =>
    openSqliteStore({ file: ':memory:', runtime: { ...runtime, timer: () => () => undefined } }),
}

describe.each(['memory', 'sqlite'] as const)('a sign-in to the server among all that may happen at once, on %s,', (name) => {
  // What the provider imports with its first step is no part of the stories.
  beforeAll(async () => {
    const world = signInWorld()
    const a = world.spawn('a')
    await world.say(a, ada)
    await world.signIn(a, ada)
  })

  test('leaves one owner, one answer, no lost question and nothing to anybody else', async () => {
    const story = fc.asyncProperty(fc.scheduler(), fc.integer({ min: 0, max: 40 }), fc.boolean(), async (scheduler, delay, declines) => {
      const runtime = virtualRuntime()
      const store = await stores[name](runtime)
      try {
        await play({ scheduler, store, delay, declines })
      } finally {
        await store.close()
      }
    })
    await fc.assert(story, { numRuns: name === 'memory' ? 300 : 100 })
  }, 120_000)
})

/** Two calls that need the same sign-in, then an answer. */
const replies = [[{ call: 'calendar' }, { call: 'calendar' }], ['Two meetings.']]

interface Story {
  readonly scheduler: StepScheduler
  readonly store: Store
  /** After how many steps of its own the sign-in to the server is committed. */
  readonly delay: number
  /** Whether the person says no to what the tool needs. */
  readonly declines: boolean
}

async function play({ scheduler, store, delay, declines }: Story): Promise<void> {
  const turn = (label: string): Promise<void> => scheduler.schedule(Promise.resolve(), label)
  const world = signInWorld({ store, model: scriptedModel(replies) })
  const spawn = (owner: string): SignInProcess =>
    world.spawn(owner, {
      door: (all) => doorTo(all, (label, commit) => turn(label).then(commit)),
      network: (fetch) => (input, init) => turn('network').then(() => fetch(input, init)),
    })
  const [a, b] = [spawn('a'), spawn('b')]
  const browser = { visitor: ada as Visitor }
  let actors = 3
  let failure: unknown
  const act = (work: Promise<unknown>): void => {
    work
      .catch((error: unknown) => {
        failure ??= error
      })
      .finally(() => {
        actors -= 1
      })
  }
  act(playPerson({ world, store, process: b, browser, declines }))
  await openSession(store)
  act(say(a, browser))
  act(stepsLater(turn, delay).then(() => adopt(b, browser)))
  await playOut(
    scheduler,
    async () => failure !== undefined || (actors === 0 && (await world.rows('runs')).every(({ endedAt }) => endedAt !== null)),
  )
  expect(failure).toBeUndefined()
  await check(world, { declines })
}

/** Answers what is asked, as whoever the browser belongs to at that moment, until nothing is open and the run has ended. */
async function playPerson(parts: {
  world: SignInWorld
  store: Store
  process: SignInProcess
  browser: { readonly visitor: Visitor }
  declines: boolean
}): Promise<void> {
  const { world, store, process, browser, declines } = parts
  for (let visit = 0; visit < 30; visit += 1) {
    const changed = nextChange(store)
    const [run] = await world.rows('runs')
    if (run?.endedAt != null) return
    const open = (await world.rows('interactions')).find(({ state }) => state === 'pending')
    if (!open) {
      await changed
      continue
    }
    if (declines) {
      await process.runs.answer(open.id, { action: 'decline' }, browser.visitor)
      continue
    }
    const opened = await process.consents.open(open.id, [browser.visitor], undefined)
    if (opened.outcome !== 'redirect') continue
    const state = new URL(opened.url).searchParams.get('state') ?? ''
    const url = new URL(process.deps.redirectUri)
    url.search = new URLSearchParams({ code: `code-of-${state}`, state, iss: 'https://login.example' }).toString()
    await process.consents.finish(url, [opened.flow], [browser.visitor])
  }
  throw new Error('the person was asked for ever')
}

/** Says it, and says it again when the session was over before it arrived, as the chat does. */
async function say({ runs }: SignInProcess, browser: { readonly visitor: Visitor }): Promise<void> {
  const message = { workflow: 'test', conversationId: conversationOf(ada), messageId: 'm1', text: 'What is on today?' }
  try {
    await runs.start({ ...message, visitor: ada })
  } catch (error) {
    expect([error, browser.visitor]).toEqual([expect.objectContaining({ code: 'not_found' }), known])
    await runs.start({ ...message, visitor: known })
  }
}

function openSession(store: Store): Promise<void> {
  const times = { createdAt: 0, expiresAt: Number.MAX_SAFE_INTEGER }
  const { principal, sessionId: id } = ada
  const row = { id, principal, principalId: principal.id, browser: '', signInDigest: null, sealedSignIn: null, ...times }
  return store.transact('session', (transaction) => transaction.insert('sessions', row))
}

async function adopt({ deps }: SignInProcess, browser: { visitor: Visitor }): Promise<void> {
  const { providers } = deps.workflow('test')
  const connections = new Connections({ ...deps, provider: (named) => providerOf(providers, named) })
  const taken = await deps.store.transact('sign-in', async (transaction) => {
    await transaction.update('sessions', { id: ada.sessionId }, { principalId: '', expiresAt: deps.runtime.now() })
    await adoptSession(transaction, deps, { from: ada, to: known })
    return connections.takeAll(transaction, ada.principal)
  })
  browser.visitor = known
  await connections.withdraw(taken, ada.principal)
}

/** Once everything has come to rest. */
async function check(world: SignInWorld, { declines }: { declines: boolean }): Promise<void> {
  const [run, ...others] = await world.rows('runs')
  expect([run?.state, others.length]).toEqual(['done', 0])
  const status = declines ? 'refused' : 'ok'
  expect((await world.rows('calls')).map((call) => call.status)).toEqual([status, status])
  const interactions = await world.rows('interactions')
  expect(interactions.length).toBeLessThanOrEqual(declines ? 1 : 2)
  expect(interactions.some(({ state }) => state === 'pending')).toBe(false)
  const owned = [...(await world.rows('conversations')), ...interactions, ...(await world.rows('credentials'))]
  expect(owned.filter(({ principalId }) => principalId !== known.principal.id)).toEqual([])
  const live = (await world.rows('authorizations')).filter(({ state }) => ['requested', 'waiting', 'exchanging'].includes(state))
  expect(live).toEqual([])
  const audits = (await world.rows('audits')).filter(({ stream }) => stream === `conversation:${conversationOf(ada)}`)
  const chain = audits.toSorted((left, right) => left.number - right.number)
  expect(chain.every((row, index) => row.previous === (chain[index - 1]?.hash ?? '') && row.hash === linkHash(world.runtime, row))).toBe(
    true,
  )
}

async function stepsLater(turn: (label: string) => Promise<void>, count: number): Promise<void> {
  for (let step = 0; step <= count; step += 1) await turn('sign in')
}

function nextChange(store: Store): Promise<void> {
  return new Promise((resolve) => {
    const stop = store.subscribe('conversation', () => {
      stop()
      resolve()
    })
  })
}

/** Lets one waiting step after another happen, until the story is over. Keys and codes are real work: between two steps some turns may pass. */
async function playOut(scheduler: StepScheduler, isOver: () => Promise<boolean>): Promise<void> {
  let idleTurns = 0
  while (!(scheduler.count() === 0 && (await isOver()))) {
    if (idleTurns > 300_000) throw new Error('the story does not come to an end')
    idleTurns = scheduler.count() > 0 ? 0 : idleTurns + 1
    if (scheduler.count() > 0) await scheduler.waitOne()
    await nextTurn()
  }
}

/** A turn of the event loop, in which a database commits and keys do their work. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
