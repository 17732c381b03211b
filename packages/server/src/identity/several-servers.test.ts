import {
  type AuthProvider,
  Connections,
  CountersignError,
  isCountersignError,
  type Rows,
  Runs,
  type Store,
  systemRuntime,
} from '@countersign/core'
import { runDeps, scriptedModel } from '@countersign/core/testing'
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

test('who signs in at one server while they say something at another keeps what they said, or is told that it was not taken', async () => {
  const [here, there] = [await openServer(), await openServer()]
  const outcomes = new Set<string>()
  for (let round = 0; round < ROUNDS; round += 1) {
    const { visitor } = await here.sessions.open('Firefox on macOS')
    const request = { workflow: 'test', conversationId: `conversation ${round}`, messageId: 'm1', text: 'Hello', visitor }
    const [started, opened] = await Promise.all([
      there.runs.start(request).then(
        () => 'taken',
        (error: unknown) => (isCountersignError(error) ? error.code : 'unknown'),
      ),
      here.accounts.signIn(visitor, ada, 'Firefox on macOS'),
    ])
    const conversation = await here.store.transact('read', (transaction) =>
      transaction.get('conversations', { id: request.conversationId }),
    )
    expect({ started, owner: conversation?.principalId }).toEqual(
      started === 'taken' ? { started, owner: ada.id } : { started: 'not_found', owner: undefined },
    )
    expect(opened?.visitor.principal).toEqual(ada)
    outcomes.add(started)
  }
  expect(outcomes).toContain('taken')
})

/** One server's part of it, on a store of its own. */
async function openServer() {
  const store = await openPostgresStore({ url, runtime })
  onTestFinished(() => store.close())
  const sessions = new Sessions({ store, runtime, keys: () => [{ id: 'k1', bytes: new Uint8Array(32).fill(1) }] })
  const running = runDeps(
    { model: scriptedModel(Array.from({ length: ROUNDS }, () => ['Hello.'])) },
    { runtime, store, owner: runtime.id() },
  )
  const connections = new Connections({ ...running, provider: unknownProvider })
  const runs = new Runs(running)
  onTestFinished(async () => void (await runs.stop(1_000)))
  return { store, sessions, connections, runs, accounts: new Accounts({ sessions, connections, runs: running }) }
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
