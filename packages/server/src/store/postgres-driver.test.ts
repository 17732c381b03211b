import { inspect } from 'node:util'
import { type Rows, type Runtime, type Store, silentLog, systemRuntime } from '@countersign/core'
import { gate } from '@countersign/core/testing'
import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createDatabase, startCluster } from '../../../../tools/postgres-cluster.mjs'
import { openPostgresStore, type PostgresStoreOptions } from './postgres-store.ts'

describe('a connection that ends', () => {
  test('in the middle of a unit: the unit is run again on another one, and done once', async () => {
    const { store, admin } = await opened()
    let attempts = 0
    await store.transact('interrupted', async (transaction) => {
      attempts += 1
      await transaction.insert('streams', stream('a'))
      if (attempts === 1) await endOthers(admin)
      await transaction.get('streams', { id: 'a' })
      await transaction.insert('streams', stream('b'))
    })
    expect([attempts, await ids(store)]).toEqual([2, ['a', 'b']])
  })

  test('while it is idle: nobody notices', async () => {
    const { store, admin } = await opened()
    await write(store, 'a')
    await endOthers(admin)
    await write(store, 'b')
    expect(await ids(store)).toEqual(['a', 'b'])
  })

  test('again and again under load: every unit is done once, or refused and not done', async () => {
    const { store, admin } = await opened({ maxConnections: 4 })
    const names = Array.from({ length: 300 }, (_, index) => `s${String(index).padStart(3, '0')}`)
    let done = 0
    const writeAndEnd = async (name: string): Promise<void> => {
      await write(store, name)
      done += 1
      if (done % 25 === 0) await endOthers(admin)
    }
    const refused = (await Promise.allSettled(names.map(writeAndEnd))).flatMap((each, index) =>
      each.status === 'rejected' ? [{ name: names[index], reason: each.reason }] : [],
    )
    const kept = await ids(store)
    expect(kept).toEqual([...new Set(kept)])
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'storage_unavailable' })
    const unsure = refused.filter(({ reason }) => reason.details.isOutcomeKnown === false).map(({ name }) => name)
    const certainly = refused.filter(({ name }) => !unsure.includes(name)).map(({ name }) => name)
    expect(kept.filter((name) => certainly.includes(name))).toEqual([])
    expect(names.filter((name) => !kept.includes(name) && !refused.some((each) => each.name === name))).toEqual([])
  })

  test('when the server takes the commit: nobody knows, so the unit is not run again', async () => {
    const { store, admin } = await opened()
    await admin.query(`
      create function die() returns trigger language plpgsql as $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
      create constraint trigger die after insert on streams deferrable initially deferred for each row execute function die()`)
    let attempts = 0
    const unsure = store.transact('unsure', (transaction) => {
      attempts += 1
      return transaction.insert('streams', stream('a'))
    })
    await expect(unsure).rejects.toMatchObject({ code: 'storage_unavailable', message: expect.stringContaining('nobody knows whether') })
    expect(attempts).toBe(1)
    await admin.query('drop trigger die on streams')
    await write(store, 'b')
    expect(await ids(store)).toEqual(['b'])
  })

  test('that other servers are heard on: their words are heard again once it is back, and what they did meanwhile is found', async () => {
    const hurried = { ...systemRuntime(), timer: (delayMs: number, work: () => void) => systemRuntime().timer(delayMs / 20, work) }
    // Nothing is found by the slow look: only by the one after the connection is back.
    const { store, url, admin } = await opened({ runtime: hurried, pollMs: 10_000_000 })
    const { rows } = await admin.query<{ pid: number }>(
      "select pid from pg_stat_activity where datname = current_database() and query like 'listen%'",
    )
    const other = await openOn(url)
    await other.transact('open', (transaction) => transaction.insert('conversations', conversation('c')))
    const heard: string[] = []
    const waiting = new Set<() => void>()
    const hear = (id: string): void => {
      heard.push(id)
      for (const look of waiting) look()
    }
    store.subscribe('conversation', hear, 'c')
    store.subscribe('run', hear)
    const until = (id: string): Promise<void> =>
      new Promise((resolve) => {
        waiting.add(() => void (heard.includes(id) && resolve()))
        for (const look of waiting) look()
      })
    await admin.query('select pg_terminate_backend($1)', [rows[0]?.pid])
    // It notifies nobody: only a look can find it.
    await other.transact('grow', (transaction) => transaction.update('conversations', { id: 'c' }, { seq: { add: 1 } }))
    await until('c')
    await other.transact('tell', async (transaction) => transaction.notify('run', 'r'))
    await until('r')
    expect(heard).toEqual(expect.arrayContaining(['c', 'r']))
  })
})

describe('units that get into each other’s way', () => {
  test('two that lock each other out: one gives way and is run again, and both are done', async () => {
    const { store } = await opened()
    await store.transact('open', (transaction) => transaction.insert('streams', stream('a'), stream('b')))
    const both = [gate(), gate()] as const
    let attempts = 0
    const raise = (mine: 0 | 1, order: readonly [string, string]): Promise<void> =>
      store.transact('raise', async (transaction) => {
        attempts += 1
        await transaction.update('streams', { id: order[0] }, { number: { add: 1 } })
        both[mine].open()
        await both[mine === 0 ? 1 : 0].opened
        await transaction.update('streams', { id: order[1] }, { number: { add: 1 } })
      })
    await Promise.all([raise(0, ['a', 'b']), raise(1, ['b', 'a'])])
    const kept = await store.transact('read', (transaction) => transaction.find('streams', {}, { orderBy: 'id' }))
    expect([attempts, kept.map(({ number }) => number)]).toEqual([3, [2, 2]])
  })

  test('more of them than may wait are refused at once; those that wait are done', async () => {
    const { store } = await opened({ maxConnections: 1, maxWaiting: 2 })
    const enough = gate()
    const begun = gate()
    const held = store.transact('hold', async (transaction) => {
      await transaction.insert('streams', stream('a'))
      begun.open()
      await enough.opened
    })
    await begun.opened
    const waiting = [write(store, 'b'), write(store, 'c')]
    await expect(write(store, 'd')).rejects.toMatchObject({ code: 'storage_unavailable', message: '2 units wait for the database already' })
    enough.open()
    await Promise.all([held, ...waiting])
    expect(await ids(store)).toEqual(['a', 'b', 'c'])
  })

  test('a rush of them is no outage: each waits its turn, for longer than one answer may take', async () => {
    const { store } = await opened({ maxConnections: 1, timeoutMs: 100 })
    const startedAt = Date.now()
    await Promise.all(Array.from({ length: 500 }, (_, index) => write(store, String(index))))
    expect(Date.now() - startedAt).toBeGreaterThan(100)
    expect(await ids(store)).toHaveLength(500)
  })

  test('those that wait are told at once when the database answers nobody', async () => {
    const cluster = await startCluster()
    onTestFinished(() => cluster.stop())
    const store = await openOn(await cluster.createDatabase(), { maxConnections: 1, timeoutMs: 300 })
    await write(store, 'a')
    cluster.pause()
    const ends = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => write(store, `b${index}`)))
    cluster.resume()
    expect(ends.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 'rejected'))
    await expect(ids(store)).resolves.toEqual(['a'])
  }, 10_000)

  test('a store that closes in the middle of them does them first', async () => {
    const { store, url } = await opened()
    const units = ['a', 'b', 'c'].map((id) => write(store, id))
    await store.close()
    await Promise.all(units)
    expect(await ids(await openOn(url))).toEqual(['a', 'b', 'c'])
  })
})

test('what is told to others is longer than a notice may be: it goes in several, and all of it arrives', async () => {
  const { store, url } = await opened()
  const other = await openOn(url)
  const names = Array.from({ length: 300 }, (_, index) => `${index} ${'é'.repeat(50)}`)
  const heard = new Set<string>()
  const all = gate()
  other.subscribe('run', (id) => {
    heard.add(id)
    if (heard.size === names.length) all.open()
  })
  await store.transact('tell', async (transaction) => {
    for (const name of names) transaction.notify('run', name)
  })
  await all.opened
  expect([...heard].toSorted()).toEqual(names.toSorted())
})

describe('a database that cannot be opened', () => {
  test.each([
    ['at which nobody listens', 'postgres://ada:hunter2@127.0.0.1:1/there', 'nobody listens at the address of the database'],
    ['whose host nobody knows', 'postgres://ada:hunter2@nowhere.invalid/there', 'the host of the database is not known'],
  ])('%s: the error says so, without the password', async (_what, url, sentence) => {
    const error: unknown = await openPostgresStore({ url, runtime: systemRuntime() }).catch((cause: unknown) => cause)
    expect(error).toMatchObject({ code: 'storage_unavailable', message: expect.stringContaining(sentence) })
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('hunter2')
  })

  test('whose address is none: the error names the key, without the password', async () => {
    const url = 'postgres://ada:hunter2@local host:x/there'
    const error: unknown = await openPostgresStore({ url, runtime: systemRuntime() }).catch((cause: unknown) => cause)
    expect(error).toMatchObject({ code: 'invalid_config', message: expect.stringContaining('store.url') })
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('hunter2')
  })

  test('that is not there: the error says so', async () => {
    const url = (await createDatabase()).replace(/countersign_\w+/, 'nothing_of_the_kind')
    const opening = openPostgresStore({ url, runtime: systemRuntime() })
    await expect(opening).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: expect.stringContaining('there is no such database'),
    })
  })

  test('that is only read is neither made nor written', async () => {
    const empty = await createDatabase()
    await expect(openPostgresStore({ url: empty, runtime: systemRuntime(), isReader: true })).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: expect.stringContaining('nothing is in the database yet'),
    })
    const { store, admin, url } = await opened()
    await write(store, 'a')
    const reader = await openOn(url, { isReader: true })
    await expect(write(reader, 'b')).rejects.toMatchObject({ code: 'storage_unavailable' })
    expect(await ids(reader)).toEqual(['a'])
    const { rows } = await admin.query("select query from pg_stat_activity where datname = current_database() and query like 'listen%'")
    expect(rows).toHaveLength(1)
  })

  test('that a newer version wrote: the error says so, and nothing is changed', async () => {
    const { store, admin, url } = await opened()
    await store.close()
    await admin.query("insert into schema_migrations (name, timestamp) values ('9999-tomorrow', '2030-01-01')")
    await expect(openPostgresStore({ url, runtime: systemRuntime() })).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: expect.stringContaining('a newer version wrote this database'),
    })
  })
})

/** A store on a database of its own, and an operator's connection to it. */
async function opened(options: Partial<PostgresStoreOptions> = {}): Promise<{ store: Store; url: string; admin: pg.Client }> {
  const url = await createDatabase()
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  onTestFinished(() => admin.end())
  return { store: await openOn(url, options), url, admin }
}

async function openOn(url: string, options: Partial<PostgresStoreOptions> = {}): Promise<Store> {
  const runtime: Runtime = { ...systemRuntime(), log: silentLog }
  const store = await openPostgresStore({ url, runtime, ...options })
  onTestFinished(() => store.close())
  return store
}

/** Ends every connection to this database but the operator's own. */
async function endOthers(admin: pg.Client): Promise<void> {
  await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()')
}

function write(store: Store, id: string): Promise<void> {
  return store.transact(`write ${id}`, (transaction) => transaction.insert('streams', stream(id)))
}

async function ids(store: Store): Promise<readonly string[]> {
  const found = await store.transact('read', (transaction) => transaction.find('streams', {}, { orderBy: 'id' }))
  return found.map((row) => row.id)
}

function stream(id: string): Rows['streams'] {
  return { id, number: 0, head: '' }
}

function conversation(id: string): Rows['conversations'] {
  const counters = { seq: 0, messageCount: 0, auditNumber: 0, auditOpen: 0, auditSigned: 0, eventCount: 0, keptFrom: 1, thinnedTo: 0 }
  return { id, principalId: 'ada', sessionId: null, auditHead: '', createdAt: 1, ...counters }
}
