import type { Kysely, Migration } from 'kysely'

/** The open questions of a person are counted before they start more. */
export function openQuestions(): Migration {
  return {
    async up({ schema }: Kysely<unknown>): Promise<void> {
      await schema.createIndex('interactions_by_principal_id_state').on('interactions').columns(['principal_id', 'state']).execute()
    },
  }
}
