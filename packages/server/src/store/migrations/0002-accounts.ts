import { type Kysely, type Migration, sql } from 'kysely'
import type { SchemaDialect } from '../schema-dialect.ts'

/** Sessions know their principal, their browser and the sign-in they are at; credentials know since when they stand. */
export function accounts({ text, integer }: SchemaDialect): Migration {
  return {
    async up(database: Kysely<unknown>): Promise<void> {
      const { schema } = database
      const sessions = schema.alterTable('sessions')
      await sessions.addColumn('principal_id', text, (column) => column.notNull().defaultTo('')).execute()
      await sessions.addColumn('browser', text, (column) => column.notNull().defaultTo('')).execute()
      await sessions.addColumn('sign_in_digest', text).execute()
      await sessions.addColumn('sealed_sign_in', text).execute()
      // Until now every session was that of an anonymous browser, named after it.
      await sql`update sessions set principal_id = 'anonymous:' || id`.execute(database)
      await schema.createIndex('sessions_one_sign_in_digest').unique().on('sessions').columns(['sign_in_digest']).execute()
      await schema.createIndex('sessions_by_principal_id').on('sessions').columns(['principal_id']).execute()
      await schema
        .alterTable('credentials')
        .addColumn('connected_at', integer, (column) => column.notNull().defaultTo(0))
        .execute()
      await sql`update credentials set connected_at = updated_at`.execute(database)
    },
  }
}
