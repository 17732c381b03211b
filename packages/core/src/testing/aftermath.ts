import { linkHash } from '../audit/chain.ts'
import type { RunEvent } from '../protocol/run-event.ts'
import type { AnswerOutcome } from '../run/runs.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { AuditRow, InteractionRow, MessageRow, RunRow } from '../store/rows.ts'
import type { Store } from '../store/store.ts'
import { unrecorded } from './unrecorded.ts'

/** What was seen of the story when everything had come to rest. */
export interface Aftermath {
  readonly runs: readonly RunRow[]
  readonly events: readonly RunEvent[]
  readonly seqs: readonly number[]
  readonly messages: readonly MessageRow[]
  readonly interactions: readonly InteractionRow[]
  readonly audits: readonly AuditRow[]
  readonly auditIsWhole: boolean
  /** What happened and is not in the audit exactly once. */
  readonly unrecorded: readonly string[]
  /** `tool call-id` of everything that took effect. */
  readonly effects: readonly string[]
  readonly answers: readonly AnswerOutcome[]
}

/** What the rows of a conversation tell of it. */
export async function readAftermath(
  store: Store,
  runtime: Pick<Runtime, 'sha256'>,
  conversationId: string,
): Promise<Omit<Aftermath, 'effects' | 'answers'>> {
  return store.transact('read', async (transaction) => {
    const events = await transaction.find('events', { conversationId }, { orderBy: 'seq' })
    const audits = await transaction.find('audits', { stream: `conversation:${conversationId}` }, { orderBy: 'number' })
    const runs = await transaction.find('runs', { conversationId })
    const ofRuns = { runId: { oneOf: runs.map(({ id }) => id) } }
    const calls = await transaction.find('calls', ofRuns)
    const authorizations = await transaction.find('authorizations', ofRuns)
    const messages = await transaction.find('messages', { conversationId }, { orderBy: 'position' })
    const interactions = await transaction.find('interactions', { conversationId })
    return {
      runs,
      events: events.map((row) => row.event),
      seqs: events.map((row) => row.seq),
      messages,
      interactions,
      audits,
      auditIsWhole: audits.every((row, index) => row.previous === (audits[index - 1]?.hash ?? '') && row.hash === linkHash(runtime, row)),
      unrecorded: unrecorded({ runs, calls, interactions, authorizations, messages, audits }),
    }
  })
}
