import { type ColumnKind, tables } from '@countersign/core'
import { Kysely, Migrator, PostgresDialect } from 'kysely'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatabase } from '../../../../tools/postgres-cluster.mjs'
import { migratePostgres } from './migrate-postgres.ts'
import { initial } from './migrations/0001-initial.ts'
import { postgresSchema } from './schema-dialect.ts'
import { sqlTable } from './sql-table.ts'

let pool: pg.Pool
beforeAll(async () => {
  pool = await openedPool()
  await migratePostgres(pool)
})
afterAll(() => pool.end())

test('the migrated database has exactly the tables that are described', async () => {
  const found = await rows<{ name: string }>(
    "select table_name as name from information_schema.tables where table_schema = 'public' and table_name not like 'schema_migration%'",
  )
  expect(found.map(({ name }) => name).toSorted()).toEqual(Object.keys(tables).toSorted())
})

test.each(Object.entries(tables))('table "%s" has the columns, key, unique combinations and indexes described', async (name, table) => {
  const { byName } = sqlTable(name as keyof typeof tables)
  const sqlNames = (names: readonly string[]): string => names.map((each) => byName.get(each)?.sqlName).join()
  const columns = await rows<{ name: string; type: string; nullable: string }>(
    `select column_name as name, data_type as type, is_nullable as nullable from information_schema.columns
     where table_schema = 'public' and table_name = '${name}' order by ordinal_position`,
  )
  expect(columns.map((column) => `${column.name} ${column.type}${column.nullable === 'YES' ? '?' : ''}`)).toEqual(
    Object.entries<ColumnKind>(table.columns).map(([column, kind]) => `${sqlNames([column])} ${typeOf(kind)}`),
  )
  const indexes = await rows<{ kind: string; columns: string }>(
    `select case when indisprimary then 'key' when indisunique then 'unique' else 'plain' end as kind,
       (select string_agg(attname, ',' order by place) from unnest(indkey::int[]) with ordinality as part(number, place)
        join pg_attribute on attrelid = indrelid and attnum = number) as columns
     from pg_index where indrelid = 'public.${name}'::regclass`,
  )
  const unique = (table.unique ?? []).map((each) => `unique ${sqlNames(each)}`)
  const plain = (table.indexes ?? []).map((each) => `plain ${sqlNames(each)}`)
  expect(indexes.map((index) => `${index.kind} ${index.columns}`).toSorted()).toEqual(
    [`key ${sqlNames(table.key)}`, ...unique, ...plain].toSorted(),
  )
})

test('servers that start at once on an empty database make its tables once', async () => {
  const shared = await openedPool()
  await Promise.all(Array.from({ length: 4 }, () => migratePostgres(shared)))
  const { rows: applied } = await shared.query('select name from schema_migrations')
  expect(applied).toHaveLength((await rows('select name from schema_migrations')).length)
  await shared.end()
})

test('a database that is up to date is left as it is', async () => {
  const before = await rows('select * from schema_migrations')
  await migratePostgres(pool)
  expect(await rows('select * from schema_migrations')).toEqual(before)
})

test('a database of the first version opens: its sessions and credentials are what they were, and know what is new', async () => {
  const older = await openedPool()
  const borrowed = { connect: () => older.connect(), end: () => Promise.resolve() }
  const kysely = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: borrowed }) })
  const first = { getMigrations: async () => ({ '0001-initial': initial(postgresSchema) }) }
  const names = { migrationTableName: 'schema_migrations', migrationLockTableName: 'schema_migration_lock' }
  expect((await new Migrator({ db: kysely, provider: first, ...names }).migrateToLatest()).error).toBeUndefined()
  await older.query(`insert into sessions values ('s1', '{"id":"anonymous:s1","kind":"anonymous","roles":[]}', 1, 2)`)
  await older.query(`insert into credentials values ('k1', 'anonymous:s1', 'demo', '["read"]', 'sealed', null, 1, 1, 0, 99)`)
  await migratePostgres(older)
  expect((await older.query('select id, principal_id, browser, sign_in_digest from sessions')).rows).toEqual([
    { id: 's1', principal_id: 'anonymous:s1', browser: '', sign_in_digest: null },
  ])
  expect((await older.query('select sealed, updated_at::int, connected_at::int from credentials')).rows).toEqual([
    { sealed: 'sealed', updated_at: 99, connected_at: 99 },
  ])
  await older.end()
})

function typeOf(kind: ColumnKind): string {
  return kind.replace('json', 'text').replace('integer', 'bigint')
}

async function openedPool(): Promise<pg.Pool> {
  return new pg.Pool({ connectionString: await createDatabase() })
}

async function rows<T extends object>(text: string): Promise<readonly T[]> {
  return (await pool.query<T>(text)).rows
}
