import { Kysely, PostgresDialect } from 'kysely'
import type { Pool } from 'pg'
import { migrate } from './migrate.ts'
import { postgresSchema } from './schema-dialect.ts'

/** All migrations in one transaction, one process at a time: others wait, and find them done. @throws what {@link migrate} throws */
export async function migratePostgres(pool: Pool): Promise<void> {
  // Kysely closes what it was given with itself; the pool outlives it.
  const borrowed = { connect: () => pool.connect(), end: () => Promise.resolve() }
  const kysely = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: borrowed }) })
  try {
    await migrate(kysely, postgresSchema)
  } finally {
    await kysely.destroy()
  }
}
