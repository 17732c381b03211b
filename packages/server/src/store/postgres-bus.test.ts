import { type Log, silentLog, type Store, systemRuntime } from '@countersign/core'
import pg from 'pg'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createDatabase } from '../../../../tools/postgres-cluster.mjs'
import { openPostgresStore } from './postgres-store.ts'

vi.setConfig({ testTimeout: 20_000 })

let url = ''
beforeEach(async () => {
  url = await createDatabase()
})

test('what one process commits, another is told at once', async () => {
  const [here, there] = [await open(), await open()]
  const told = heard(here, 'run', 'r1')
  await there.transact('wake', async (transaction) => transaction.notify('run', 'r1'))
  await told
})

test('a process whose wake-ups broke off finds by itself what happened meanwhile', async () => {
  const log = watched('wake-ups from other servers are lost until the database is back')
  const [here, there] = [await open({ log: log.log }), await open()]
  await insertConversation(there)
  await endListening()
  await log.said
  const told = heard(here, 'conversation', 'c1')
  await there.transact('grow', async (transaction) => {
    await transaction.update('conversations', { id: 'c1' }, { seq: { add: 1 } })
    transaction.notify('conversation', 'c1')
  })
  await told
})

test('a conversation that grew without a word from its process is found by the slow look', async () => {
  const [here, dead] = [await open({ pollMs: 50 }), await open()]
  const told = heard(here, 'conversation', 'c1')
  // As if it had died between its commit and its notice.
  await insertConversation(dead)
  await told
})

test('a session that ended without a word from its process is found by the slow look, and no other', async () => {
  const [here, dead] = [await open({ pollMs: 50 }), await open()]
  const over: string[] = []
  for (const id of ['s1', 's2', 'of another kind']) here.subscribe('session', () => over.push(id), id)
  await insertSessions(dead, 's1', 's2')
  await oneLook(here, dead)
  await dead.transact('end', (transaction) => transaction.update('sessions', { id: 's1' }, { principalId: '' }))
  await heard(here, 'session', 's1')
  expect(new Set(over)).toEqual(new Set(['s1']))
})

test('a session of which nothing is left any more is found, too', async () => {
  const [here, dead] = [await open({ pollMs: 50 }), await open()]
  await insertSessions(dead, 's1')
  const told = heard(here, 'session', 's1')
  await oneLook(here, dead)
  await dead.transact('remove', (transaction) => transaction.remove('sessions', { id: 's1' }))
  await told
})

test('notices that are not ours are passed over', async () => {
  const here = await open()
  const told: string[] = []
  here.subscribe('run', (id) => told.push(id))
  const strange = ['', 'null', '[]', '{"origin":1}', '{"origin":"x","notices":[["run"],["run",1],["clock","r0"],7]}']
  for (const payload of [...strange, '{"origin":"x","notices":[["run","r1"]]}'])
    await query('select pg_notify($1, $2)', ['countersign', payload])
  const last = heard(here, 'run', 'r2')
  await query('select pg_notify($1, $2)', ['countersign', '{"origin":"x","notices":[["run","r2"]]}'])
  await last
  expect(told).toEqual(['r1', 'r2'])
})

async function open({ pollMs = 60_000, log = silentLog }: { pollMs?: number; log?: Log } = {}): Promise<Store> {
  const store = await openPostgresStore({ url, runtime: systemRuntime({ log }), pollMs })
  onTestFinished(() => store.close())
  return store
}

/** Resolves when the store tells of this. */
function heard(store: Store, channel: Parameters<Store['subscribe']>[0], id: string): Promise<void> {
  return new Promise((resolve) => {
    const told = (): void => {
      stop()
      resolve()
    }
    const stop = store.subscribe(channel, told, id)
  })
}

/** Waits until the store has looked at the rows once more. */
async function oneLook(store: Store, other: Store): Promise<void> {
  const told = heard(store, 'conversation', 'c1')
  await insertConversation(other)
  await told
}

/** Without a notice. */
function insertConversation(store: Store): Promise<void> {
  const counts = { seq: 0, messageCount: 0, auditNumber: 0, auditOpen: 0, auditSigned: 0, eventCount: 0, keptFrom: 1, thinnedTo: 0 }
  const row = { id: 'c1', principalId: 'ada', sessionId: null, auditHead: '', createdAt: 0, ...counts }
  return store.transact('insert', (transaction) => transaction.insert('conversations', row))
}

function insertSessions(store: Store, ...ids: readonly string[]): Promise<void> {
  const principal = { id: 'ada', kind: 'user', roles: [] } as const
  const rest = { principal, principalId: 'ada', browser: '', createdAt: 0, expiresAt: 1, signInDigest: null, sealedSignIn: null }
  return store.transact('insert', (transaction) => transaction.insert('sessions', ...ids.map((id) => ({ id, ...rest }))))
}

/** Ends one connection that listens, as a restart of the database does. */
async function endListening(): Promise<void> {
  await query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen %' order by backend_start limit 1",
  )
}

async function query(text: string, values: readonly unknown[] = []): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(text, [...values])
  await client.end()
}

/** A log that says when a sentence comes. */
function watched(sentence: string): { readonly log: Log; readonly said: Promise<void> } {
  let hear = (_message: string): void => undefined
  const said = new Promise<void>((resolve) => {
    hear = (message) => {
      if (message === sentence) resolve()
    }
  })
  const write = (message: string): void => hear(message)
  return { log: { ...silentLog, warn: write }, said }
}
