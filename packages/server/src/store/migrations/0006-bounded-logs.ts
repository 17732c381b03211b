import { type Kysely, type Migration, sql } from 'kysely'
import type { SchemaDialect } from '../schema-dialect.ts'

/** Conversations know how much of their log is kept; what a person was asked at a provider is found by its time. */
export function boundedLogs({ integer }: SchemaDialect): Migration {
  return {
    async up(database: Kysely<unknown>): Promise<void> {
      for (const [column, value] of [
        ['event_count', 0],
        ['kept_from', 1],
        ['thinned_to', 0],
      ] as const)
        await database.schema
          .alterTable('conversations')
          .addColumn(column, integer, (definition) => definition.notNull().defaultTo(value))
          .execute()
      // Until now nothing was removed.
      await sql`update conversations set event_count = seq`.execute(database)
      await database.schema
        .createIndex('authorizations_by_principal_id_provider_created_at')
        .on('authorizations')
        .columns(['principal_id', 'provider', 'created_at'])
        .execute()
    },
  }
}
