import { Kysely, SqliteDialect } from 'kysely'
import type Database from 'libsql'
import { migrate } from './migrate.ts'
import { sqliteSchema } from './schema-dialect.ts'

/** All migrations in one transaction: a start that is cut off leaves the database as it was. @throws what {@link migrate} throws */
export async function migrateSqlite(database: Database.Database): Promise<void> {
  // Kysely closes what it was given with itself; the connection outlives it.
  const borrowed = { prepare: (sql: string) => database.prepare(sql), close: () => undefined }
  const kysely = new Kysely<unknown>({ dialect: new SqliteDialect({ database: borrowed }) })
  database.exec('BEGIN IMMEDIATE')
  try {
    await migrate(kysely, sqliteSchema)
    database.exec('COMMIT')
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK')
    throw error
  } finally {
    await kysely.destroy()
  }
}
