import { isDeepStrictEqual } from 'node:util'
import type { Rows, Runtime, Store } from '@countersign/core'
import { type Aftermath, readAftermath } from '@countersign/core/testing'
import type { Findings } from './findings.ts'
import { inspectCalls } from './inspect-calls.ts'
import type { Deed } from './outside.ts'
import type { StoryRecord } from './story.ts'

/** Everything that is known of a conversation: its rows, what was done outside, and what its person did and saw. */
export interface Evidence extends Omit<Aftermath, 'effects' | 'answers'> {
  readonly conversation: Rows['conversations'] | undefined
  readonly deeds: readonly Deed[]
  readonly record: StoryRecord
}

/** Reads what the rows say of a story's conversation. */
export async function readEvidence(
  { store, runtime, deeds }: { store: Store; runtime: Pick<Runtime, 'sha256'>; deeds: readonly Deed[] },
  record: StoryRecord,
): Promise<Evidence> {
  const { conversationId: id } = record
  const conversation = await store.transact('inspect', (transaction) => transaction.get('conversations', { id }))
  const own = deeds.filter(({ conversationId }) => conversationId === id)
  return { ...(await readAftermath(store, runtime, id)), conversation, deeds: own, record }
}

/** What must be so at every moment, whoever has just died and whoever goes on: what somebody was shown stays. */
export function inspectSeen(evidence: Evidence, findings: Findings): void {
  const { events, seqs, interactions, record } = evidence
  for (const jump of record.jumps) findings.add('lost', jump)
  findings.must(
    seqs.every((seq, index) => seq === index + 1),
    'lost',
    'the log has a gap',
  )
  for (const { seq, event } of record.seen.flat()) {
    findings.must(isDeepStrictEqual(events[seq - 1], event), 'lost', `event ${seq} is not what somebody was shown`)
    if (event.type !== 'interaction-open') continue
    const row = interactions.find(({ id }) => id === event.interaction.id)
    findings.must(row !== undefined, 'lost', `question ${event.interaction.id} is gone`)
  }
  findings.must(evidence.auditIsWhole, 'lost', 'the audit chain is broken')
}

/** What must be so once every run has ended. */
export function inspectEnd(evidence: Evidence, findings: Findings): void {
  inspectSeen(evidence, findings)
  inspectMessages(evidence, findings)
  inspectQuestions(evidence, findings)
  inspectCalls(evidence, findings)
  for (const sentence of evidence.unrecorded) findings.add('lost', `not in the audit: ${sentence}`)
  const { conversation, seqs, audits, record } = evidence
  findings.must(conversation?.seq === seqs.length, 'lost', `the log ends at ${seqs.length}, its counter at ${conversation?.seq}`)
  const last = audits.at(-1)
  findings.must(
    conversation?.auditNumber === (last?.number ?? 0) && conversation.auditHead === (last?.hash ?? ''),
    'lost',
    'the audit chain does not reach its head',
  )
  for (const seen of record.seen)
    findings.must(seen.length === seqs.length, 'lost', `somebody was shown ${seen.length} of ${seqs.length} events`)
}

/** Each message was taken once, and led to one run that ended once. */
function inspectMessages({ runs, events, messages, record }: Evidence, findings: Findings): void {
  const once = (count: number, what: string): void => {
    findings.must(count >= 1, 'lost', `${what} is missing`)
    findings.must(count <= 1, 'doubled', `${what} stands ${count} times`)
  }
  for (const messageId of record.messages) {
    const run = runs.find((row) => row.messageId === messageId)
    const of = (type: 'run-start' | 'run-end'): number => events.filter((event) => event.type === type && event.runId === run?.id).length
    once(runs.filter((row) => row.messageId === messageId).length, `the run of message ${messageId}`)
    once(of('run-start'), `the start of message ${messageId}`)
    once(of('run-end'), `the end of message ${messageId}`)
    once(
      messages.filter(({ message, runId }) => message.role === 'user' && runId === run?.id).length,
      `message ${messageId} in the history`,
    )
    findings.must(run?.endedAt != null, 'lost', `the run of message ${messageId} is ${run?.state}`)
    findings.must(run?.state !== 'failed', 'lost', `the run of message ${messageId} failed`)
  }
  const replies = events.flatMap((event) => (event.type === 'reply-end' ? [`${event.runId} ${event.turn}`] : []))
  for (const reply of replies) once(replies.filter((other) => other === reply).length, `reply ${reply}`)
}

/** Each question was settled once, by one of the answers that were given to it or by no human, and its person was told. */
function inspectQuestions({ events, interactions, record }: Evidence, findings: Findings): void {
  for (const { id, state, response } of interactions) {
    const closes = events.filter((event) => event.type === 'interaction-close' && event.interactionId === id).length
    findings.must(closes <= 1, 'doubled', `question ${id} was closed ${closes} times`)
    findings.must(closes >= 1 || state === 'pending', 'lost', `question ${id} is ${state}, and nobody was told`)
    findings.must(state !== 'pending', 'lost', `question ${id} was left open`)
    if (response?.action !== 'accept' || typeof response.answer !== 'string') continue
    findings.must(record.answers.get(id)?.has(response.answer) === true, 'doubled', `question ${id} has an answer that nobody gave`)
  }
}
