import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Store, systemRuntime } from '@countersign/core'
import Database from 'libsql'
import { afterEach, describe, expect, test } from 'vitest'
import { migrateSqlite } from './migrate-sqlite.ts'
import { memory, openDatabase } from './open-database.ts'
import { openSqliteStore, type SqliteStoreOptions, sqliteStoreOn } from './sqlite-store.ts'

const runtime = systemRuntime()
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

describe('a group of units', () => {
  test('64 units of one tick share one commit', async () => {
    const store = await opened()
    await Promise.all(Array.from({ length: 64 }, (_, index) => write(store, `s${index}`)))
    expect(store.stats()).toEqual({ units: 64, commits: 1, statements: 64 })
  })

  test('more units than a group holds share as few commits as they can, and the event loop is let in between', async () => {
    const store = await opened({ maxGroup: 10 })
    let turns = 0
    let isOver = false
    const count = (): void => {
      turns += 1
      if (!isOver) setImmediate(count)
    }
    setImmediate(count)
    await Promise.all(Array.from({ length: 95 }, (_, index) => write(store, `s${index}`)))
    isOver = true
    expect(store.stats().commits).toBe(10)
    expect(turns).toBeGreaterThanOrEqual(9)
  })

  test('a unit that is queued while a group runs goes into the next one', async () => {
    const store = await opened()
    let later: Promise<void> | undefined
    const first = store.transact('first', async (transaction) => {
      later = write(store, 'b')
      await transaction.insert('streams', { id: 'a', number: 0, head: '' })
    })
    await first
    await later
    expect(store.stats()).toMatchObject({ units: 2, commits: 2 })
  })

  test('units of a group see what the earlier ones wrote, also after one was undone', async () => {
    const store = await opened()
    const raise = (fails: boolean) =>
      store.transact('raise', async (transaction) => {
        const row = await transaction.updateOne('streams', { id: 'a' }, { number: { add: 1 } })
        if (fails) throw new Error('on purpose')
        return row?.number
      })
    const [, ...raised] = await Promise.allSettled([write(store, 'a'), raise(false), raise(true), raise(false)])
    expect(raised.map((each) => (each.status === 'fulfilled' ? each.value : String(each.reason)))).toEqual([1, 'Error: on purpose', 2])
  })

  test('nobody is told anything before the commit', async () => {
    const file = freshFile()
    const store = await opened({ file })
    const reader = otherConnection(file)
    const seen: unknown[] = []
    const look = (): void => void seen.push(reader.prepare('select count(*) as n from streams').raw().get([]))
    const tell = (id: string) =>
      store.transact('tell', async (transaction) => {
        await transaction.insert('streams', { id, number: 0, head: '' })
        transaction.after(look)
      })
    await Promise.all([tell('a'), tell('b')])
    expect(seen).toEqual([[2], [2]])
  })

  test('an effect that throws is logged; the unit is committed and the others hear of theirs', async () => {
    const problems: string[] = []
    const log = { ...runtime.log, error: (message: string) => void problems.push(message) }
    const store = await opened({ runtime: { ...runtime, log } })
    const seen: string[] = []
    const broken = store.transact('broken', async (transaction) => {
      await transaction.insert('streams', { id: 'a', number: 0, head: '' })
      transaction.after(() => {
        throw new Error('on purpose')
      })
    })
    const sound = store.transact('sound', async (transaction) => transaction.after(() => seen.push('sound')))
    await Promise.all([broken, sound])
    expect([seen, problems, await ids(store)]).toEqual([['sound'], ['an effect of a committed unit failed'], ['a']])
  })
})

describe('a unit that waits for something foreign', () => {
  test('is logged by name when it is slow', async () => {
    const slow: string[] = []
    const store = await opened({ slowUnitMs: 20, onSlowUnit: (name) => slow.push(name) })
    await Promise.all([write(store, 'quick'), store.transact('dawdle', () => sleep(60))])
    expect(slow).toContain('dawdle')
  })

  test('is undone when it does not end, and the store goes on', async () => {
    const store = await opened({ slowUnitMs: 10, stuckUnitMs: 40 })
    const late: Promise<unknown>[] = []
    const stuck = store.transact('call home', async (transaction) => {
      await transaction.insert('streams', { id: 'a', number: 0, head: '' })
      await new Promise((resolve) => void late.push(sleep(120).then(resolve)))
      await transaction.insert('streams', { id: 'too late', number: 0, head: '' })
    })
    await expect(Promise.all([write(store, 'b'), stuck])).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: expect.stringContaining('call home'),
    })
    await Promise.all(late)
    expect(await ids(store)).toEqual(['b'])
  })

  test('a unit that waits for another unit is undone too', async () => {
    const store = await opened({ slowUnitMs: 10, stuckUnitMs: 40 })
    const outer = store.transact('outer', () => write(store, 'inner'))
    await expect(outer).rejects.toMatchObject({ code: 'storage_unavailable' })
    await expect.poll(() => ids(store)).toEqual(['inner'])
  })
})

describe('a database that refuses', () => {
  test('another connection holds the write lock: nothing is done until it lets go', async () => {
    const file = freshFile()
    const store = await opened({ file, busyTimeoutMs: 40 })
    const other = otherConnection(file)
    other.exec('BEGIN IMMEDIATE')
    const outcomes = await Promise.allSettled([write(store, 'a'), write(store, 'b')])
    const busy = { code: 'storage_unavailable', cause: { code: 'SQLITE_BUSY' } }
    expect(outcomes).toMatchObject([
      { status: 'rejected', reason: busy },
      { status: 'rejected', reason: busy },
    ])
    other.exec('COMMIT')
    await write(store, 'c')
    expect(await ids(store)).toEqual(['c'])
  })

  test('a lock that is let go in time is waited for, and the event loop runs meanwhile', async () => {
    const file = freshFile()
    const store = await opened({ file, busyTimeoutMs: 2000 })
    const other = otherConnection(file)
    other.exec('BEGIN IMMEDIATE')
    setTimeout(() => other.exec('COMMIT'), 10)
    await write(store, 'a')
    expect(await ids(store)).toEqual(['a'])
  })

  test('a full disk fails every unit of the group and leaves no trace; once there is room, writing works again', async () => {
    const { store, database } = await onConnection()
    database.pragma('max_page_count = 80')
    await write(store, 'small')
    const big = 'x'.repeat(1_000_000)
    const outcomes = await Promise.allSettled([write(store, 'a'), write(store, 'b', big), write(store, 'c')])
    expect(outcomes.map((each) => each.status === 'rejected' && each.reason.code)).toEqual(Array(3).fill('storage_unavailable'))
    await expect(write(store, 'alone', big)).rejects.toMatchObject({ code: 'storage_unavailable', cause: { code: 'SQLITE_FULL' } })
    expect(await ids(store)).toEqual(['small'])
    database.pragma('max_page_count = 100000')
    await write(store, 'again', big)
    expect(await ids(store)).toEqual(['again', 'small'])
  })

  test('a unit that goes on after the database gave up writes nothing', async () => {
    const { store, database } = await onConnection()
    database.pragma('max_page_count = 80')
    const stubborn = store.transact('stubborn', async (transaction) => {
      const big = { id: 'big', number: 0, head: 'x'.repeat(1_000_000) }
      await transaction.insert('streams', big).catch(() => undefined)
      await transaction.insert('streams', { ...big, id: 'small', head: '' }).catch(() => undefined)
    })
    await expect(stubborn).rejects.toMatchObject({ code: 'storage_unavailable' })
    expect(await ids(store)).toEqual([])
  })

  test('a commit that fails rejects all, also the unit that had failed by itself', async () => {
    const { store, database } = await onConnection()
    const broken = store.transact('broken', async () => {
      throw new Error('on purpose')
    })
    database.exec('create table debts (of text references streams (id) deferrable initially deferred)')
    database.pragma('foreign_keys = ON')
    const owing = store.transact('owing', async () => void database.exec("insert into debts values ('nobody')"))
    const outcomes = await Promise.allSettled([write(store, 'a'), broken, owing, write(store, 'b')])
    expect(outcomes.map((each) => each.status === 'rejected' && each.reason.code)).toEqual(Array(4).fill('storage_unavailable'))
    await write(store, 'c')
    expect(await ids(store)).toEqual(['c'])
  })
})

async function opened(options: Partial<SqliteStoreOptions> = {}): Promise<Store> {
  const store = await openSqliteStore({ file: memory, runtime, ...options })
  cleanups.push(() => store.close())
  return store
}

async function onConnection() {
  const database = openDatabase({ file: memory, synchronous: 'FULL' })
  await migrateSqlite(database)
  const store = sqliteStoreOn(database, { runtime })
  cleanups.push(() => store.close())
  return { store, database }
}

function freshFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'store-'))
  cleanups.push(() => rmSync(folder, { recursive: true }))
  return join(folder, 'data.db')
}

function otherConnection(file: string): Database.Database {
  const database = new Database(file)
  cleanups.push(() => database.close())
  return database
}

function write(store: Store, id: string, head = ''): Promise<void> {
  return store.transact(`write ${id}`, (transaction) => transaction.insert('streams', { id, number: 0, head }))
}

async function ids(store: Store): Promise<readonly string[]> {
  const found = await store.transact('read', (transaction) => transaction.find('streams', {}, { orderBy: 'id' }))
  return found.map((row) => row.id)
}
