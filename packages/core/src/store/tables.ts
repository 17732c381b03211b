import type { Rows, TableName } from './rows.ts'

/** How a column is kept: text, a 64-bit integer, or JSON text. A question mark allows null. */
export type ColumnKind = 'text' | 'integer' | 'json' | 'text?' | 'integer?' | 'json?'

/** What a driver must know of a table. */
export interface Table<Column extends string = string> {
  readonly columns: Readonly<Record<Column, ColumnKind>>
  readonly key: readonly Column[]
  /** Further unique combinations; null is never equal to null. */
  readonly unique?: readonly (readonly Column[])[]
  /** What rows are looked up by besides the key. */
  readonly indexes?: readonly (readonly Column[])[]
}

type Tables = { readonly [T in TableName]: Table<Extract<keyof Rows[T], string>> }

/** The one description of the tables: the memory store runs on it, SQL drivers are tested against it. */
export const tables: Tables = {
  conversations: {
    columns: {
      id: 'text',
      principalId: 'text',
      sessionId: 'text?',
      seq: 'integer',
      messageCount: 'integer',
      auditNumber: 'integer',
      auditHead: 'text',
      createdAt: 'integer',
      auditOpen: 'integer',
      auditSigned: 'integer',
      eventCount: 'integer',
      keptFrom: 'integer',
      thinnedTo: 'integer',
    },
    key: ['id'],
    indexes: [['principalId'], ['auditOpen']],
  },
  messages: {
    columns: { conversationId: 'text', position: 'integer', runId: 'text', message: 'json' },
    key: ['conversationId', 'position'],
  },
  runs: {
    columns: {
      id: 'text',
      conversationId: 'text',
      messageId: 'text',
      text: 'text',
      active: 'text?',
      workflow: 'text',
      principal: 'json',
      sessionId: 'text?',
      state: 'text',
      owner: 'text?',
      fence: 'integer',
      lease: 'integer',
      wake: 'integer',
      cancel: 'text?',
      turn: 'integer',
      toolDigests: 'json',
      createdAt: 'integer',
      endedAt: 'integer?',
      presence: 'text',
    },
    key: ['id'],
    unique: [['active'], ['conversationId', 'messageId']],
    indexes: [
      // Not with the lease: it changes in every unit, and few runs are ready at a time.
      ['state'],
    ],
  },
  calls: {
    columns: {
      id: 'text',
      runId: 'text',
      turn: 'integer',
      ordinal: 'integer',
      tool: 'text',
      input: 'json',
      state: 'text',
      status: 'text?',
      output: 'json?',
      entries: 'integer',
    },
    key: ['id'],
    indexes: [['runId', 'turn']],
  },
  steps: { columns: { callId: 'text', name: 'text', value: 'json?' }, key: ['callId', 'name'] },
  interactions: {
    columns: {
      id: 'text',
      conversationId: 'text',
      runId: 'text',
      callId: 'text',
      place: 'text',
      digest: 'text',
      question: 'json',
      principalId: 'text',
      sessionId: 'text?',
      state: 'text',
      response: 'json?',
      problem: 'text?',
      again: 'text?',
      createdAt: 'integer',
      expiresAt: 'integer',
      settledAt: 'integer?',
      settledBy: 'text?',
      receipt: 'text?',
    },
    key: ['id'],
    unique: [['callId', 'place']],
    indexes: [['runId'], ['state', 'expiresAt'], ['conversationId'], ['principalId', 'state']],
  },
  authorizations: {
    columns: {
      id: 'text',
      conversationId: 'text',
      runId: 'text',
      callId: 'text',
      interactionId: 'text?',
      principalId: 'text',
      provider: 'text',
      vaultKey: 'text',
      requirement: 'json',
      state: 'text',
      sealedState: 'text?',
      stateDigest: 'text?',
      flowDigest: 'text?',
      owner: 'text?',
      exchangeUntil: 'integer',
      again: 'text?',
      failureCode: 'text?',
      failureReason: 'text?',
      createdAt: 'integer',
      expiresAt: 'integer',
      pollAt: 'integer?',
      pingDigest: 'text?',
      personDigest: 'text?',
      sameDigest: 'text?',
      leaderId: 'text?',
    },
    key: ['id'],
    unique: [['stateDigest'], ['interactionId']],
    indexes: [
      ['runId'],
      ['state', 'exchangeUntil'],
      ['principalId', 'provider', 'createdAt'],
      ['state', 'pollAt'],
      ['personDigest', 'createdAt'],
      ['sameDigest'],
      ['leaderId'],
      ['callId'],
    ],
  },
  credentials: {
    columns: {
      key: 'text',
      principalId: 'text',
      provider: 'text',
      scopes: 'json',
      sealed: 'text',
      expiresAt: 'integer?',
      refreshable: 'integer',
      version: 'integer',
      refreshUntil: 'integer',
      updatedAt: 'integer',
      connectedAt: 'integer',
    },
    key: ['key'],
    indexes: [['principalId']],
  },
  receipts: {
    columns: { id: 'text', callId: 'text', digest: 'text', approvedBy: 'text', approvedAt: 'integer', usedAt: 'integer?' },
    key: ['id'],
    unique: [['callId']],
  },
  events: { columns: { conversationId: 'text', seq: 'integer', at: 'integer', event: 'json' }, key: ['conversationId', 'seq'] },
  audits: {
    columns: { stream: 'text', number: 'integer', at: 'integer', previous: 'text', hash: 'text', record: 'json' },
    key: ['stream', 'number'],
  },
  streams: { columns: { id: 'text', number: 'integer', head: 'text' }, key: ['id'] },
  tails: { columns: { id: 'text', signed: 'integer' }, key: ['id'] },
  checkpoints: {
    columns: {
      number: 'integer',
      at: 'integer',
      previous: 'text',
      root: 'text',
      heads: 'json',
      key: 'text',
      signature: 'text',
      hash: 'text',
    },
    key: ['number'],
  },
  sessions: {
    columns: {
      id: 'text',
      principal: 'json',
      createdAt: 'integer',
      expiresAt: 'integer',
      principalId: 'text',
      browser: 'text',
      signInDigest: 'text?',
      sealedSignIn: 'text?',
    },
    key: ['id'],
    unique: [['signInDigest']],
    indexes: [['expiresAt'], ['principalId']],
  },
}
