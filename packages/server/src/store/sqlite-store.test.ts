import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { systemRuntime } from '@countersign/core'
import { storeContract } from '@countersign/core/testing'
import Database from 'libsql'
import { afterEach, describe, expect, test } from 'vitest'
import { openSqliteStore } from './sqlite-store.ts'

const runtime = systemRuntime()
const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

async function open(file: string) {
  const store = await openSqliteStore({ file, runtime })
  return { store, close: () => store.close() }
}

storeContract('the store in SQLite, in memory', () => open(':memory:'), { describe, test, expect })
storeContract('the store in SQLite, in a file', () => open(freshFile()), { describe, test, expect })

describe('a SQLite file', () => {
  test('keeps what was committed after it is closed and opened again', async () => {
    const file = freshFile()
    const row = { id: 'a', number: 1, head: 'ü' }
    const first = await openSqliteStore({ file, runtime })
    await first.transact('write', (transaction) => transaction.insert('streams', row))
    await first.close()
    const second = await openSqliteStore({ file, runtime })
    expect(await second.transact('read', (transaction) => transaction.find('streams', {}))).toEqual([row])
    await second.close()
  })

  test('gets the units that were accepted before it is closed', async () => {
    const file = freshFile()
    const first = await openSqliteStore({ file, runtime })
    const accepted = first.transact('write', (transaction) => transaction.insert('streams', { id: 'a', number: 1, head: '' }))
    await Promise.all([accepted, first.close(), first.close()])
    const second = await openSqliteStore({ file, runtime })
    expect(await second.transact('read', (transaction) => transaction.find('streams', {}))).toHaveLength(1)
    await second.close()
  })

  test('is readable by its owner alone, as are its companions and the folders made for it', async () => {
    const file = join(dirname(freshFile()), 'made', 'for', 'it', 'data.db')
    const store = await openSqliteStore({ file, runtime })
    await store.transact('write', (transaction) => transaction.insert('streams', { id: 'a', number: 1, head: '' }))
    const modes = Object.fromEntries(readdirSync(dirname(file)).map((name) => [name, mode(join(dirname(file), name))]))
    expect(modes).toEqual({ 'data.db': 0o600, 'data.db-shm': 0o600, 'data.db-wal': 0o600, 'data.db.lock': 0o600 })
    expect([mode(dirname(file)), mode(dirname(dirname(file)))]).toEqual([0o700, 0o700])
    await store.close()
  })

  test('of a running server is refused to a second one', async () => {
    const file = freshFile()
    const first = await openSqliteStore({ file, runtime })
    await expect(openSqliteStore({ file, runtime })).rejects.toMatchObject({ code: 'storage_unavailable', details: { pid: process.pid } })
    await first.close()
    await (await openSqliteStore({ file, runtime })).close()
  })

  test('that is no database is refused by name', async () => {
    const file = freshFile()
    writeFileSync(file, 'no database, but long enough to be taken for one'.repeat(100))
    const failure = { code: 'storage_unavailable', message: expect.stringContaining(file) }
    await expect(openSqliteStore({ file, runtime })).rejects.toMatchObject(failure)
    expect(existsSync(`${file}.lock`)).toBe(false)
  })

  test('that a newer version wrote is refused and left alone', async () => {
    const file = freshFile()
    await (await openSqliteStore({ file, runtime })).close()
    const database = new Database(file)
    database.exec("insert into schema_migrations (name, timestamp) values ('9999-future', '2030-01-01')")
    database.close()
    const failure = { code: 'storage_unavailable', message: expect.stringContaining('9999-future') }
    await expect(openSqliteStore({ file, runtime })).rejects.toMatchObject(failure)
    await expect(openSqliteStore({ file, runtime, lock: false })).rejects.toMatchObject(failure)
  })
})

describe('a text or number that the database would change', () => {
  test.each([
    ['NUL', { id: 'a\0b', number: 0, head: '' }],
    ['a lone surrogate', { id: 'a', number: 0, head: '\ud800' }],
    ['a fraction', { id: 'a', number: 1.5, head: '' }],
    ['a number beyond 2^53', { id: 'a', number: 2 ** 53, head: '' }],
  ])('is refused: %s', async (_what, row) => {
    const { store, close } = await open(':memory:')
    const write = store.transact('write', (transaction) => transaction.insert('streams', row))
    await expect(write).rejects.toMatchObject({ code: 'invalid_request' })
    await close()
  })

  test('finds nothing when it is asked for', async () => {
    const { store, close } = await open(':memory:')
    await store.transact('write', (transaction) => transaction.insert('streams', { id: 'ada', number: 0, head: '\ufffd' }))
    const ask = store.transact('ask', async (transaction) => [
      await transaction.get('streams', { id: 'ada\0mallory' }),
      await transaction.get('streams', { id: { oneOf: ['ada\0mallory'] } }),
      await transaction.get('streams', { head: '\ud800' }),
    ])
    expect(await ask).toEqual([undefined, undefined, undefined])
    await close()
  })
})

function freshFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'store-'))
  folders.push(folder)
  return join(folder, 'data.db')
}

function mode(path: string): number {
  return statSync(path).mode & 0o777
}
