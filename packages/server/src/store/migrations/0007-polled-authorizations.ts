import type { Kysely, Migration } from 'kysely'
import type { SchemaDialect } from '../schema-dialect.ts'

/** Authorizations that are polled or pinged, whose device they ring, and which of them share an end; what front a run has. */
export function polledAuthorizations({ integer, text }: SchemaDialect): Migration {
  return {
    async up(database: Kysely<unknown>): Promise<void> {
      const columns = { poll_at: integer, ping_digest: text, person_digest: text, same_digest: text, leader_id: text }
      for (const [column, type] of Object.entries(columns))
        await database.schema.alterTable('authorizations').addColumn(column, type).execute()
      for (const indexed of [['state', 'poll_at'], ['person_digest', 'created_at'], ['same_digest'], ['leader_id'], ['call_id']])
        await database.schema
          .createIndex(`authorizations_by_${indexed.join('_')}`)
          .on('authorizations')
          .columns(indexed)
          .execute()
      await database.schema
        .alterTable('runs')
        .addColumn('presence', text, (definition) => definition.notNull().defaultTo('browser'))
        .execute()
    },
  }
}
