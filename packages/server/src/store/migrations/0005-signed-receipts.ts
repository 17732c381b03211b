import type { Kysely, Migration } from 'kysely'
import type { SchemaDialect } from '../schema-dialect.ts'

/** Answers have a receipt. One that was given before this version and not used yet has none: it permits nothing, and its call is refused. */
export function signedReceipts({ text }: SchemaDialect): Migration {
  return {
    async up({ schema }: Kysely<unknown>): Promise<void> {
      await schema.alterTable('interactions').addColumn('receipt', text).execute()
    },
  }
}
