import { type ColumnKind, tables } from '@countersign/core'
import { Kysely, Migrator, SqliteDialect } from 'kysely'
import { expect, test } from 'vitest'
import { migrateSqlite } from './migrate-sqlite.ts'
import { initial } from './migrations/0001-initial.ts'
import { memory, openDatabase } from './open-database.ts'
import { sqliteSchema } from './schema-dialect.ts'
import { sqlTable } from './sql-table.ts'

const database = openDatabase({ file: memory, synchronous: 'FULL' })
await migrateSqlite(database)

test('the migrated database has exactly the tables that are described', () => {
  const names = rows<{ name: string }>("select name from sqlite_master where type = 'table' and name not like 'schema_migration%'")
  expect(names.map(({ name }) => name).toSorted()).toEqual(Object.keys(tables).toSorted())
})

test.each(Object.entries(tables))('table "%s" has the columns, key, unique combinations and indexes described', (name, table) => {
  const { byName } = sqlTable(name as keyof typeof tables)
  const sqlNames = (names: readonly string[]) => names.map((each) => byName.get(each)?.sqlName).join()
  const info = rows<{ name: string; type: string; notnull: number; pk: number }>(`pragma table_info(${name})`)
  expect(info.map((column) => `${column.name} ${column.type.toLowerCase()}${column.notnull ? '' : '?'}`)).toEqual(
    Object.entries<ColumnKind>(table.columns).map(([column, kind]) => `${sqlNames([column])} ${kind.replace('json', 'text')}`),
  )
  const key = info.filter(({ pk }) => pk > 0).toSorted((left, right) => left.pk - right.pk)
  expect(key.map((column) => column.name).join()).toBe(sqlNames(table.key))
  const indexes = rows<{ name: string; unique: number; origin: string }>(`pragma index_list(${name})`).filter(
    ({ origin }) => origin === 'c',
  )
  const found = indexes.map((index) => [index.unique, columnsOf(index.name)].join(' '))
  const unique = (table.unique ?? []).map((each) => `1 ${sqlNames(each)}`)
  const plain = (table.indexes ?? []).map((each) => `0 ${sqlNames(each)}`)
  expect(found.toSorted()).toEqual([...unique, ...plain].toSorted())
})

test('a database that is up to date is left as it is', async () => {
  const before = rows('select * from schema_migrations')
  await migrateSqlite(database)
  expect(rows('select * from schema_migrations')).toEqual(before)
})

test('a database of the first version opens: its sessions and credentials are what they were, and know what is new', async () => {
  const older = openDatabase({ file: memory, synchronous: 'FULL' })
  const borrowed = { prepare: (text: string) => older.prepare(text), close: () => undefined }
  const kysely = new Kysely<unknown>({ dialect: new SqliteDialect({ database: borrowed }) })
  const first = { getMigrations: async () => ({ '0001-initial': initial(sqliteSchema) }) }
  const names = { migrationTableName: 'schema_migrations', migrationLockTableName: 'schema_migration_lock' }
  expect((await new Migrator({ db: kysely, provider: first, ...names }).migrateToLatest()).error).toBeUndefined()
  older.exec(`insert into sessions values ('s1', '{"id":"anonymous:s1","kind":"anonymous","roles":[]}', 1, 2)`)
  older.exec(`insert into sessions values ('s2', '{"id":"anonymous:s2","kind":"anonymous","roles":[]}', 3, 4)`)
  older.exec(`insert into credentials values ('k1', 'anonymous:s1', 'demo', '["read"]', 'sealed', null, 1, 1, 0, 99)`)
  await migrateSqlite(older)
  expect(older.prepare('select id, principal_id, browser, sign_in_digest from sessions').all()).toEqual([
    { id: 's1', principal_id: 'anonymous:s1', browser: '', sign_in_digest: null },
    { id: 's2', principal_id: 'anonymous:s2', browser: '', sign_in_digest: null },
  ])
  expect(older.prepare('select sealed, updated_at, connected_at from credentials').all()).toEqual([
    { sealed: 'sealed', updated_at: 99, connected_at: 99 },
  ])
})

function columnsOf(index: string): string {
  const info = rows<{ name: string }>(`pragma index_info(${index})`)
  return info.map((each) => each.name).join()
}

function rows<T>(text: string): readonly T[] {
  return database.prepare(text).all() as readonly T[]
}
