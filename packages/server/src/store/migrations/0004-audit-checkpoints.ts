import { type Kysely, type Migration, sql } from 'kysely'
import type { SchemaDialect } from '../schema-dialect.ts'

/** Checkpoints of the audit, and how far each of its chains is covered by one. */
export function auditCheckpoints({ text, integer, tableEnd }: SchemaDialect): Migration {
  return {
    async up(database: Kysely<unknown>): Promise<void> {
      const { schema } = database
      for (const column of ['audit_open', 'audit_signed'])
        await schema
          .alterTable('conversations')
          .addColumn(column, integer, (definition) => definition.notNull().defaultTo(0))
          .execute()
      await sql`update conversations set audit_open = 1 where audit_number > 0`.execute(database)
      await schema.createIndex('conversations_by_audit_open').on('conversations').columns(['audit_open']).execute()
      await schema
        .createTable('tails')
        .addColumn('id', text, (column) => column.notNull())
        .addColumn('signed', integer, (column) => column.notNull())
        .addPrimaryKeyConstraint('tails_key', ['id'])
        .modifyEnd(sql.raw(tableEnd))
        .execute()
      await sql`insert into tails (id, signed) select id, 0 from streams`.execute(database)
      await schema
        .createTable('checkpoints')
        .addColumn('number', integer, (column) => column.notNull())
        .addColumn('at', integer, (column) => column.notNull())
        .addColumn('previous', text, (column) => column.notNull())
        .addColumn('root', text, (column) => column.notNull())
        .addColumn('heads', text, (column) => column.notNull())
        .addColumn('key', text, (column) => column.notNull())
        .addColumn('signature', text, (column) => column.notNull())
        .addColumn('hash', text, (column) => column.notNull())
        .addPrimaryKeyConstraint('checkpoints_key', ['number'])
        .modifyEnd(sql.raw(tableEnd))
        .execute()
    },
  }
}
