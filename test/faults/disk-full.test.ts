import { type Store, silentLog, systemRuntime } from '@countersign/core'
import { createWorld, scriptedModel, until } from '@countersign/core/testing'
import { defineTool, openPostgresStore, z } from '@countersign/server'
import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { migrateSqlite } from '../../packages/server/src/store/migrate-sqlite.ts'
import { memory, openDatabase } from '../../packages/server/src/store/open-database.ts'
import { sqliteStoreOn } from '../../packages/server/src/store/sqlite-store.ts'
import { createDatabase } from '../../tools/postgres-cluster.mjs'
import { openAwayStage } from './away-stage.ts'
import { endOf, openPerson, openQuestion } from './chat-person.ts'

/** A store whose disk a test fills. */
interface Disk {
  readonly store: Store
  fill(): Promise<void>
  makeRoom(): Promise<void>
}

const runtime = { ...systemRuntime(), log: silentLog }

/** More than fits into pages that are there already. */
const LONG = 'x'.repeat(16_000)

const disks: Readonly<Record<string, () => Promise<Disk>>> = {
  async SQLite() {
    const database = openDatabase({ file: memory, synchronous: 'FULL' })
    await migrateSqlite(database)
    return {
      store: sqliteStoreOn(database, { runtime }),
      async fill() {
        const [size] = database.pragma('page_count') as [{ page_count: number }] // SQLite's own answer
        database.pragma(`max_page_count = ${size.page_count}`)
      },
      makeRoom: async () => void database.pragma('max_page_count = 1000000'),
    }
  },
  async PostgreSQL() {
    const url = await createDatabase()
    const store = await openPostgresStore({ url, runtime })
    return { store, ...(await fillable(url)) }
  },
}

describe.each(Object.entries(disks))('a full disk under %s', (_name, open) => {
  test('refuses an answer and keeps its question; once there is room, the same answer is taken, and done once', async () => {
    const disk = await open()
    onTestFinished(() => disk.store.close())
    const paid: string[] = []
    const pay = defineTool({
      name: 'pay',
      description: 'Asks for what, and pays.',
      input: z.object({}),
      async execute(_input, { ask }) {
        paid.push(await ask({ kind: 'text', text: 'For what?' }))
        return 'paid'
      },
    })
    const world = createWorld({ store: disk.store, tools: [pay], model: scriptedModel([[{ call: 'pay' }], ['Done.']]) })
    const runId = await world.say('Go')
    await until(disk.store, async () => (await world.openQuestions())[0])
    const before = await world.events()
    await disk.fill()
    const refused = { code: 'storage_unavailable', message: expect.stringMatching(/full/) }
    await expect(world.answer({ action: 'accept', answer: LONG })).rejects.toMatchObject(refused)
    expect([await world.events(), (await world.run(runId)).state]).toEqual([before, 'waiting'])
    await disk.makeRoom()
    expect(await world.answer({ action: 'accept', answer: LONG })).toEqual({ outcome: 'settled' })
    expect(await until(disk.store, async () => (await world.replies())[1])).toBe('Done.')
    expect(paid).toEqual([LONG])
  })
})

test(
  'served, a disk that is full: people are told, the server says that it is not ready, and goes on by itself once there is room',
  { timeout: 30_000 },
  async () => {
    const url = await createDatabase()
    const stage = await openAwayStage(url)
    const disk = await fillable(url)
    const ada = await openPerson(stage.server.publicOrigin, 'full')
    ada.say('m1', 'pay')
    const question = await ada.seen(openQuestion)
    await disk.fill()
    await expect.poll(stage.readiness, { timeout: 10_000 }).toEqual([503, 'storage_unavailable'])
    expect(await stage.isAlive()).toBe(true)
    const refused = ada.next(({ type }) => type === 'error_message')
    ada.answer(question, 'approve')
    expect(await refused).toMatchObject({ content: { details: 'The server could not do this now; try again.' } })
    const stranger = await fetch(`${stage.server.publicOrigin}/api/me`)
    expect([stranger.status, await stranger.json()]).toMatchObject([503, { error: 'storage_unavailable' }])
    expect(stage.lines).toContainEqual(expect.objectContaining({ message: 'frame failed', error: 'the disk of the database is full' }))
    await disk.makeRoom()
    await expect.poll(stage.readiness, { timeout: 10_000 }).toEqual([200, 'ready'])
    ada.answer(question, 'approve')
    expect(await ada.seen(endOf('m1'))).toBe('done')
    expect(stage.outside.deeds.map(({ tool }) => tool)).toEqual(['pay'])
  },
)

/** What a PostgreSQL server says when its disk is full, said by a real one whose disk is not. */
async function fillable(url: string): Promise<Omit<Disk, 'store'>> {
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  onTestFinished(() => admin.end())
  const { rows } = await admin.query<{ name: string }>(
    "select table_name as name from information_schema.tables where table_schema = 'public'",
  )
  await admin.query(`
    create function no_room() returns trigger language plpgsql as $$
    begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$`)
  const each = (statement: (table: string) => string): Promise<unknown> => admin.query(rows.map(({ name }) => statement(name)).join(';'))
  return {
    fill: async () => void (await each((table) => `create trigger no_room before insert or update on ${table} execute function no_room()`)),
    makeRoom: async () => void (await each((table) => `drop trigger no_room on ${table}`)),
  }
}
