import { CountersignError } from '@countersign/core'
import { type Kysely, type Migration, Migrator } from 'kysely'
import { initial } from './migrations/0001-initial.ts'
import { accounts } from './migrations/0002-accounts.ts'
import { openQuestions } from './migrations/0003-open-questions.ts'
import { auditCheckpoints } from './migrations/0004-audit-checkpoints.ts'
import { signedReceipts } from './migrations/0005-signed-receipts.ts'
import { boundedLogs } from './migrations/0006-bounded-logs.ts'
import { polledAuthorizations } from './migrations/0007-polled-authorizations.ts'
import type { SchemaDialect } from './schema-dialect.ts'

/** What makes the database's tables what this code expects, oldest first. A released one is never edited. */
const migrations: Readonly<Record<string, (dialect: SchemaDialect) => Migration>> = {
  '0001-initial': initial,
  '0002-accounts': accounts,
  '0003-open-questions': openQuestions,
  '0004-audit-checkpoints': auditCheckpoints,
  '0005-signed-receipts': signedReceipts,
  '0006-bounded-logs': boundedLogs,
  '0007-polled-authorizations': polledAuthorizations,
}

/**
 * Brings the database to this code's tables; one that has them is left as it is.
 * @throws CountersignError `storage_unavailable` when a migration fails, or a newer version wrote the database
 */
export async function migrate(database: Kysely<unknown>, dialect: SchemaDialect): Promise<void> {
  await refuseNewer(database)
  const known = Object.fromEntries(Object.entries(migrations).map(([name, make]) => [name, make(dialect)]))
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: () => Promise.resolve(known) },
    migrationTableName,
    migrationLockTableName: 'schema_migration_lock',
  })
  const { error, results } = await migrator.migrateToLatest()
  if (error === undefined) return
  const failed = results?.find((result) => result.status === 'Error')?.migrationName ?? 'none yet'
  throw new CountersignError('storage_unavailable', `the database could not be brought to this version (migration "${failed}")`, {
    cause: error,
  })
}

/**
 * For who only reads: makes nothing.
 * @throws CountersignError `storage_unavailable` unless the database has exactly this code's tables
 */
export async function requireCurrent(database: Kysely<unknown>): Promise<void> {
  await refuseNewer(database)
  const applied = await appliedTo(database)
  if (applied.length === 0) throw new CountersignError('storage_unavailable', 'nothing is in the database yet; the first start makes it')
  if (applied.length < Object.keys(migrations).length)
    throw new CountersignError('storage_unavailable', 'an earlier version wrote this database; start the server on it once')
}

const migrationTableName = 'schema_migrations'

async function appliedTo(database: Kysely<unknown>): Promise<readonly string[]> {
  const found = await database.introspection.getTables()
  if (!found.some((table) => table.name === migrationTableName)) return []
  const rows = await database.withTables<{ schema_migrations: { name: string } }>().selectFrom(migrationTableName).select('name').execute()
  return rows.map(({ name }) => name)
}

async function refuseNewer(database: Kysely<unknown>): Promise<void> {
  const foreign = (await appliedTo(database)).find((name) => !Object.hasOwn(migrations, name))
  if (foreign === undefined) return
  const advice = 'start the newer version, or restore a copy from before it'
  throw new CountersignError(
    'storage_unavailable',
    `a newer version wrote this database (migration "${foreign}" is unknown here): ${advice}`,
  )
}
