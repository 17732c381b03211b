import { type ColumnDefinitionBuilder, type Kysely, type Migration, type SchemaModule, sql } from 'kysely'
import type { SchemaDialect } from '../schema-dialect.ts'

/** The first tables. JSON is kept as text; unique indexes let any number of nulls stand. */
export function initial(dialect: SchemaDialect): Migration {
  return {
    async up(database: Kysely<unknown>): Promise<void> {
      const { schema } = database
      await createConversations(schema, dialect)
      await createMessages(schema, dialect)
      await createRuns(schema, dialect)
      await createCalls(schema, dialect)
      await createSteps(schema, dialect)
      await createInteractions(schema, dialect)
      await createAuthorizations(schema, dialect)
      await createCredentials(schema, dialect)
      await createReceipts(schema, dialect)
      await createEvents(schema, dialect)
      await createAudits(schema, dialect)
      await createStreams(schema, dialect)
      await createSessions(schema, dialect)
    },
  }
}

function required(column: ColumnDefinitionBuilder): ColumnDefinitionBuilder {
  return column.notNull()
}

async function createConversations(schema: SchemaModule, { text, integer, tableEnd }: SchemaDialect): Promise<void> {
  await schema
    .createTable('conversations')
    .addColumn('id', text, required)
    .addColumn('principal_id', text, required)
    .addColumn('session_id', text)
    .addColumn('seq', integer, required)
    .addColumn('message_count', integer, required)
    .addColumn('audit_number', integer, required)
    .addColumn('audit_head', text, required)
    .addColumn('created_at', integer, required)
    .addPrimaryKeyConstraint('conversations_key', ['id'])
    .modifyEnd(sql.raw(tableEnd))
    .execute()
  await schema.createIndex('conversations_by_principal_id').on('conversations').columns(['principal_id']).execute()
}

async function createMessages(schema: SchemaModule, { text, integer, tableEnd }: SchemaDialect): Promise<void> {
  await schema
    .createTable('messages')
    .addColumn('conversation_id', text, required)
    .addColumn('position', integer, required)
    .addColumn('run_id', text, required)
    .addColumn('message', text, required)
    .addPrimaryKeyConstraint('messages_key', ['conversation_id', 'position'])
    .modifyEnd(sql.raw(tableEnd))
    .execute()
}

async function createRuns(schema: SchemaModule, { text, integer, tableEnd }: SchemaDialect): Promise<void> {
  await schema
    .createTable('runs')
    .addColumn('id', text, required)
    .addColumn('conversation_id', text, required)
    .addColumn('message_id', text, required)
    .addColumn('text', text, required)
    .addColumn('active', text)
    .addColumn('workflow', text, required)
    .addColumn('principal', text, required)
    .addColumn('session_id', text)
    .addColumn('state', text, required)
    .addColumn('owner', text)
    .addColumn('fence', integer, required)
    .addColumn('lease', integer, required)
    .addColumn('wake', integer, required)
    .addColumn('cancel', text)
    .addColumn('turn', integer, required)
    .addColumn('tool_digests', text, required)
    .addColumn('created_at', integer, required)
    .addColumn('ended_at', integer)
    .addPrimaryKeyConstraint('runs_key', ['id'])
    .modifyEnd(sql.raw(tableEnd))
    .execute()
  await schema.createIndex('runs_one_active').unique().on('runs').columns(['active']).execute()
  await schema.createIndex('runs_one_conversation_id_message_id').unique().on('runs').columns(['conversation_id', 'message_id']).execute()
  await schema.createIndex('runs_by_state').on('runs').columns(['state']).execute()
}

async function createCalls(schema: SchemaModule, { text, integer, tableEnd }: SchemaDialect): Promise<void> {
  await schema
    .createTable('calls')
    .addColumn('id', text, required)
    .addColumn('run_id', text, required)
    .addColumn('turn', integer, required)
    .addColumn('ordinal', integer, required)
    .addColumn('tool', text, required)
    .addColumn('input', text, required)
    .addColumn('state', text, required)
    .addColumn('status', text)
    .addColumn('output', text)
    .addColumn('entries', integer, required)
    .addPrimaryKeyConstraint('calls_key', ['id'])
    .modifyEnd(sql.raw(tableEnd))
    .execute()
  await schema.createIndex('calls_by_run_id_turn').on('calls').columns(['run_id', 'turn']).execute()
}

async function createSteps(schema: SchemaModule, { text, tableEnd }: SchemaDialect): Promise<void> {
  await schema
    .createTable('steps')
    .addColumn('call_id', text, required)
    .addColumn('name', text, required)
    .addColumn('value', text)
    .addPrimaryKeyConstraint('steps_key', ['call_id', 'name'])
    .modifyEnd(sql.raw(tableEnd))
    .execute()
}

async function createInteractions(schema: SchemaModule, { text, integer, tableEnd }: SchemaDialect): Promise<void> {
  await schema
    .createTable('interactions')
    .addColumn('id', text, required)
    .addColumn('conversation_id', text, required)
    .addColumn('run_id', text, required)
    .addColumn('call_id', text, required)
    .addColumn('place', text, required)
    .addColumn('digest', text, required)
    .addColumn('question', text, required)
    .addColumn('principal_id', text, required)
    .addColumn('session_id', text)
    .addColumn('state', text, required)
    .addColumn('response', text)
    .addColumn('problem', text)
    .addColumn('again', text)
    .addColumn('created_at', integer, required)
    .addColumn('expires_at', integer, required)
    .addColumn('settled_at', integer)
    .addColumn('settled_by', text)
    .addPrimaryKeyConstraint('interactions_key', ['id'])
    .modifyEnd(sql.raw(tableEnd))
    .execute()
  await schema.createIndex('interactions_one_call_id_place').unique().on('interactions').columns(['call_id', 'place']).execute()
  await schema.createIndex('interactions_by_run_id').on('interactions').columns(['run_id']).execute()
  await schema.createIndex('interactions_by_state_expires_at').on('interactions').columns(['state', 'expires_at']).execute()
  await schema.createIndex('interactions_by_conversation_id').on('interactions').columns(['conversation_id']).execute()
}

async function createAuthorizations(schema: SchemaModule, { text, integer, tableEnd }: SchemaDialect): Promise<void> {
  await schema
    .createTable('authorizations')
    .addColumn('id', text, required)
    .addColumn('conversation_id', text, required)
    .addColumn('run_id', text, required)
    .addColumn('call_id', text, required)
    .addColumn('interaction_id', text)
    .addColumn('principal_id', text, required)
    .addColumn('provider', text, required)
    .addColumn('vault_key', text, required)
    .addColumn('requirement', text, required)
    .addColumn('state', text, required)
    .addColumn('sealed_state', text)
    .addColumn('state_digest', text)
    .addColumn('flow_digest', text)
    .addColumn('owner', text)
    .addColumn('exchange_until', integer, required)
    .addColumn('again', text)
    .addColumn('failure_code', text)
    .addColumn('failure_reason', text)
    .addColumn('created_at', integer, required)
    .addColumn('expires_at', integer, required)
    .addPrimaryKeyConstraint('authorizations_key', ['id'])
    .modifyEnd(sql.raw(tableEnd))
    .execute()
  await schema.createIndex('authorizations_one_state_digest').unique().on('authorizations').columns(['state_digest']).execute()
  await schema.createIndex('authorizations_one_interaction_id').unique().on('authorizations').columns(['interaction_id']).execute()
  await schema.createIndex('authorizations_by_run_id').on('authorizations').columns(['run_id']).execute()
  await schema.createIndex('authorizations_by_state_exchange_until').on('authorizations').columns(['state', 'exchange_until']).execute()
}

async function createCredentials(schema: SchemaModule, { text, integer, tableEnd }: SchemaDialect): Promise<void> {
  await schema
    .createTable('credentials')
    .addColumn('key', text, required)
    .addColumn('principal_id', text, required)
    .addColumn('provider', text, required)
    .addColumn('scopes', text, required)
    .addColumn('sealed', text, required)
    .addColumn('expires_at', integer)
    .addColumn('refreshable', integer, required)
    .addColumn('version', integer, required)
    .addColumn('refresh_until', integer, required)
    .addColumn('updated_at', integer, required)
    .addPrimaryKeyConstraint('credentials_key', ['key'])
    .modifyEnd(sql.raw(tableEnd))
    .execute()
  await schema.createIndex('credentials_by_principal_id').on('credentials').columns(['principal_id']).execute()
}

async function createReceipts(schema: SchemaModule, { text, integer, tableEnd }: SchemaDialect): Promise<void> {
  await schema
    .createTable('receipts')
    .addColumn('id', text, required)
    .addColumn('call_id', text, required)
    .addColumn('digest', text, required)
    .addColumn('approved_by', text, required)
    .addColumn('approved_at', integer, required)
    .addColumn('used_at', integer)
    .addPrimaryKeyConstraint('receipts_key', ['id'])
    .modifyEnd(sql.raw(tableEnd))
    .execute()
  await schema.createIndex('receipts_one_call_id').unique().on('receipts').columns(['call_id']).execute()
}

async function createEvents(schema: SchemaModule, { text, integer, tableEnd }: SchemaDialect): Promise<void> {
  await schema
    .createTable('events')
    .addColumn('conversation_id', text, required)
    .addColumn('seq', integer, required)
    .addColumn('at', integer, required)
    .addColumn('event', text, required)
    .addPrimaryKeyConstraint('events_key', ['conversation_id', 'seq'])
    .modifyEnd(sql.raw(tableEnd))
    .execute()
}

async function createAudits(schema: SchemaModule, { text, integer, tableEnd }: SchemaDialect): Promise<void> {
  await schema
    .createTable('audits')
    .addColumn('stream', text, required)
    .addColumn('number', integer, required)
    .addColumn('at', integer, required)
    .addColumn('previous', text, required)
    .addColumn('hash', text, required)
    .addColumn('record', text, required)
    .addPrimaryKeyConstraint('audits_key', ['stream', 'number'])
    .modifyEnd(sql.raw(tableEnd))
    .execute()
}

async function createStreams(schema: SchemaModule, { text, integer, tableEnd }: SchemaDialect): Promise<void> {
  await schema
    .createTable('streams')
    .addColumn('id', text, required)
    .addColumn('number', integer, required)
    .addColumn('head', text, required)
    .addPrimaryKeyConstraint('streams_key', ['id'])
    .modifyEnd(sql.raw(tableEnd))
    .execute()
}

async function createSessions(schema: SchemaModule, { text, integer, tableEnd }: SchemaDialect): Promise<void> {
  await schema
    .createTable('sessions')
    .addColumn('id', text, required)
    .addColumn('principal', text, required)
    .addColumn('created_at', integer, required)
    .addColumn('expires_at', integer, required)
    .addPrimaryKeyConstraint('sessions_key', ['id'])
    .modifyEnd(sql.raw(tableEnd))
    .execute()
  await schema.createIndex('sessions_by_expires_at').on('sessions').columns(['expires_at']).execute()
}
