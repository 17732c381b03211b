import { Kysely, PostgresDialect } from 'kysely'
import type { Pool } from 'pg'
import { migrate, requireCurrent } from './migrate.ts'
import { postgresSchema } from './schema-dialect.ts'

/** All migrations in one transaction, one process at a time: others wait, and find them done. @throws what {@link migrate} throws */
export function migratePostgres(pool: Pool): Promise<void> {
  return withKysely(pool, (kysely) => migrate(kysely, postgresSchema))
}

/** @throws what {@link requireCurrent} throws */
export function requireCurrentPostgres(pool: Pool): Promise<void> {
  return withKysely(pool, requireCurrent)
}

async function withKysely(pool: Pool, work: (kysely: Kysely<unknown>) => Promise<void>): Promise<void> {
  // Kysely closes what it was given with itself; the pool outlives it.
  const borrowed = { connect: () => pool.connect(), end: () => Promise.resolve() }
  const kysely = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: borrowed }) })
  try {
    await work(kysely)
  } finally {
    await kysely.destroy()
  }
}
