import {
  appendToStream,
  type AuthProvider,
  Connections,
  CountersignError,
  isCountersignError,
  type Model,
  type Rows,
  Runs,
  type Runtime,
  silentLog,
  type Store,
  systemRuntime,
  type Visitor,
} from '@countersign/core'
import { type Gate, gate, runDeps, scriptedModel, until } from '@countersign/core/testing'
import pg from 'pg'
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { createDatabase } from '../../../../tools/postgres-cluster.mjs'
import { openPostgresStore } from '../store/postgres-store.ts'
import { Accounts } from './accounts.ts'
import { FIRST_RETURN_MS, Sessions } from './sessions.ts'

/** How often each race is run: one round proves little, and a rule that is missing shows within a few. */
const ROUNDS = 30
vi.setConfig({ testTimeout: 30_000 })

const runtime = systemRuntime()
const ada = { id: 'user:ada', kind: 'user', name: 'Ada Lovelace', roles: [] } as const

let url = ''
beforeAll(async () => {
  url = await createDatabase()
})

test('a session that is used at one server while it ends at another has ended', async () => {
  const [here, there] = [await openServer(), await openServer()]
  for (let round = 0; round < ROUNDS; round += 1) {
    // One that was never used is prolonged by its first use.
    const { visitor, cookie } = await here.sessions.open('Firefox on macOS', FIRST_RETURN_MS)
    await Promise.all([here.sessions.find(cookie), there.accounts.signOut(visitor, false)])
    expect(await here.sessions.find(cookie)).toBeUndefined()
  }
})

test('a session that two servers end at once ends once', async () => {
  const [here, there] = [await openServer(), await openServer()]
  for (let round = 0; round < ROUNDS; round += 1) {
    const { visitor } = await here.sessions.open('Firefox on macOS')
    const ended = await Promise.all([here.accounts.signOut(visitor, false), there.accounts.signOut(visitor, true)])
    expect(ended.toSorted((left, right) => left - right)).toEqual([0, 1])
    const records = await rows(here.store, 'audits', `principal:${visitor.principal.id}`)
    expect(records.map(({ record }) => record['type'])).toEqual(['sign-out'])
  }
})

test("when two servers end a person's last two sessions at once, their connections go, each once", async () => {
  const [here, there] = [await openServer(), await openServer()]
  for (let round = 0; round < ROUNDS; round += 1) {
    const visitors = [await signedIn(here), await signedIn(here)] as const
    await connect(here.store, `key ${round}`)
    await Promise.all([here.accounts.signOut(visitors[0], false), there.accounts.signOut(visitors[1], false)])
    expect(await here.connections.list(ada)).toEqual([])
  }
  const records = await rows(here.store, 'audits', `principal:${ada.id}`)
  expect(records.filter(({ record }) => record['type'] === 'disconnect')).toHaveLength(ROUNDS)
})

test('a connection that two servers end at once is ended and recorded once', async () => {
  const [here, there] = [await openServer(), await openServer()]
  const grace = { id: 'user:grace', kind: 'user', roles: [] } as const
  for (let round = 0; round < ROUNDS; round += 1) {
    await connect(here.store, `key of ${round}`, grace.id)
    const [{ id } = { id: '' }] = await here.connections.list(grace)
    const outcomes = await Promise.all([here.connections.disconnect(id, grace), there.connections.disconnect(id, grace)])
    expect(outcomes.filter((outcome) => outcome === undefined)).toHaveLength(1)
  }
  const records = await rows(here.store, 'audits', `principal:${grace.id}`)
  expect(records.filter(({ record }) => record['type'] === 'disconnect')).toHaveLength(ROUNDS)
})

test('who signs in at one server just after they said something at another keeps what they said', async () => {
  const [here, there, other] = [await openServer(), await openServer(), await openServer()]
  const { visitor } = await here.sessions.open('Firefox on macOS')
  const letGo = await hold(other.store, visitor.sessionId)
  const started = say(there, 'said before', visitor)
  await areWaiting(1)
  const opened = here.accounts.signIn(visitor, ada, 'Firefox on macOS')
  await areWaiting(2)
  await letGo()
  expect(await started).toBe('taken')
  expect((await opened)?.visitor.principal).toEqual(ada)
  expect(await ownerOf(here.store, 'said before')).toBe(ada.id)
})

test('who says something at one server just after they signed in at another is told that it was not taken', async () => {
  const [here, there, other] = [await openServer(), await openServer(), await openServer()]
  const { visitor } = await here.sessions.open('Firefox on macOS')
  const letGo = await hold(other.store, visitor.sessionId)
  const opened = here.accounts.signIn(visitor, ada, 'Firefox on macOS')
  await areWaiting(1)
  const started = say(there, 'said after', visitor)
  await areWaiting(2)
  await letGo()
  expect((await opened)?.visitor.principal).toEqual(ada)
  expect(await started).toBe('not_found')
  expect(await ownerOf(here.store, 'said after')).toBeUndefined()
})

test('a session that ended by a clock that is ahead is over at every server: what is said in it is not taken', async () => {
  const [ahead, here] = [await openServer({ world: { ...runtime, now: () => runtime.now() + 5_000 } }), await openServer()]
  const { visitor } = await here.sessions.open('Firefox on macOS')
  await ahead.accounts.signIn(visitor, ada, 'Firefox on macOS')
  expect(await say(here, 'said too late', visitor)).toBe('not_found')
  expect(await ownerOf(here.store, 'said too late')).toBeUndefined()
})

test('who signs in again waits for none of their conversations in which nothing is under way, however many there are', async () => {
  const [here, other] = [await openServer(), await openServer()]
  const visitor = await signedIn(here)
  expect(await say(here, 'quiet', visitor)).toBe('taken')
  await until(here.store, () => isDone(here.store, 'quiet'))
  const letGo = await hold(other.store, 'quiet')
  expect((await here.accounts.signIn(visitor, ada, 'Firefox on macOS'))?.visitor.principal).toEqual(ada)
  await letGo()
})

test('who signs in again while a credential of theirs arrives waits for it: neither is in the way of the other', async () => {
  const again: unknown[] = []
  const log = { ...silentLog, debug: (message: string) => void (message === 'a unit of work is run again' && again.push(message)) }
  const [thinks, held, arrives] = [gate(), gate(), gate()]
  const world = { ...runtime, log }
  const [here, there] = [await openServer({ world, model: thinking(thinks) }), await openServer({ world })]
  onTestFinished(thinks.open)
  const visitor = await signedIn(here)
  expect(await say(here, 'under way', visitor)).toBe('taken')
  const record = { type: 'grant', principal: ada.id, provider: 'idp', scopes: [], authorization: 'a1' } as const
  // As all units do that bring one: first the conversation, then the trail of its person.
  const granted = there.store.transact('granted', async (transaction) => {
    await transaction.lock('under way')
    await transaction.find('runs', { conversationId: 'under way' })
    held.open()
    await arrives.opened
    await appendToStream(transaction, runtime, { stream: `principal:${ada.id}`, record })
  })
  await held.opened
  const opened = here.accounts.signIn(visitor, ada, 'Firefox on macOS')
  await areWaiting(1)
  arrives.open()
  await granted
  expect((await opened)?.visitor.principal).toEqual(ada)
  expect(again).toEqual([])
})

/** One server's part of it, on a store of its own. */
async function openServer({ world = runtime, model = answering() }: { world?: Runtime; model?: Model } = {}) {
  const store = await openPostgresStore({ url, runtime: world })
  onTestFinished(() => store.close())
  const sessions = new Sessions({ store, runtime: world, keys: () => [{ id: 'k1', bytes: new Uint8Array(32).fill(1) }] })
  const running = runDeps({ model }, { runtime: world, store, owner: world.id() })
  const connections = new Connections({ ...running, provider: unknownProvider })
  const runs = new Runs(running)
  onTestFinished(async () => void (await runs.stop(1_000)))
  return { store, sessions, connections, runs, accounts: new Accounts({ sessions, connections, runs: running }) }
}

function answering(): Model {
  return scriptedModel(() => ['Hello.'])
}

function thinking({ opened }: Gate): Model {
  return {
    name: 'thinking',
    async *stream() {
      await opened
      yield { type: 'text', text: 'Hello.' }
    },
  }
}

/** @returns `taken`, or why it was not */
async function say({ runs }: { readonly runs: Runs }, conversationId: string, visitor: Visitor): Promise<string> {
  try {
    await runs.start({ workflow: 'test', conversationId, messageId: 'm1', text: 'Hello', visitor })
    return 'taken'
  } catch (error) {
    return isCountersignError(error) ? error.code : 'unknown'
  }
}

async function isDone(store: Store, conversationId: string): Promise<true | undefined> {
  const [run] = await store.transact('ended', (transaction) => transaction.find('runs', { conversationId }))
  return run?.state === 'done' ? true : undefined
}

async function ownerOf(store: Store, id: string): Promise<string | undefined> {
  return (await store.transact('owner', (transaction) => transaction.get('conversations', { id })))?.principalId
}

/** Has a lock in a unit of its own. @returns a function that lets go */
async function hold(store: Store, id: string): Promise<() => Promise<void>> {
  const [held, over] = [gate(), gate()]
  const unit = store.transact('hold', async (transaction) => {
    await transaction.lock(id)
    // Answered once the lock is there.
    await transaction.get('sessions', { id })
    held.open()
    await over.opened
  })
  await held.opened
  return () => (over.open(), unit)
}

/** Resolves when so many units wait for a lock, or more; they get it in the order in which they came. */
async function areWaiting(count: number): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const isSo = async (): Promise<boolean> => {
    const { rows: found } = await client.query(
      "select 1 from pg_locks l join pg_database d on d.oid = l.database where datname = current_database() and locktype = 'advisory' and not granted",
    )
    return found.length >= count
  }
  await vi.waitUntil(isSo, { interval: 10, timeout: 5_000 })
  await client.end()
}

/** What is told to providers is no part of these races. */
function unknownProvider(name: string): AuthProvider {
  throw new CountersignError('not_found', `no provider "${name}"`)
}

async function signedIn({ store, sessions }: { readonly store: Store; readonly sessions: Sessions }) {
  const { row, visitor } = sessions.make('Firefox on macOS', ada)
  await store.transact('session', (transaction) => transaction.insert('sessions', row))
  return visitor
}

/** Puts a credential into the vault that nobody can open: only that it is there counts. */
async function connect(store: Store, key: string, principalId: string = ada.id): Promise<void> {
  const times = { expiresAt: null, refreshUntil: 0, updatedAt: runtime.now(), connectedAt: runtime.now() }
  const row = { key, principalId, provider: 'idp', scopes: ['mail'], sealed: 'sealed', refreshable: 1, version: 1, ...times }
  await store.transact('connect', (transaction) => transaction.insert('credentials', row))
}

function rows(store: Store, table: 'audits', stream: string): Promise<readonly Rows['audits'][]> {
  return store.transact('rows', (transaction) => transaction.find(table, { stream }, { orderBy: 'number' }))
}
