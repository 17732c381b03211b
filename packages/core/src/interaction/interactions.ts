import type { Ledger } from '../audit/ledger.ts'
import type { InteractionResponse, InteractionState, InteractionView, Question } from '../protocol/interaction.ts'
import type { JsonValue } from '../protocol/json.ts'
import { digestJson } from '../runtime/digest.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { InteractionRow, RunRow } from '../store/rows.ts'
import type { Transaction } from '../store/store.ts'
import { closingSentence } from './closing-sentence.ts'
import type { Receipts } from './receipts.ts'

/** A question about to be asked. */
export interface NewInteraction {
  readonly run: Pick<RunRow, 'id' | 'conversationId' | 'principal' | 'sessionId'>
  readonly callId: string
  readonly place: string
  readonly question: Question
  /** Milliseconds until it ends by itself. */
  readonly timeoutMs: number
  /** Why it is asked again. */
  readonly again?: string
  /** Given when something else must know the id before the question is asked. */
  readonly id?: string
  /** Of what the question is about and not all is shown: the digest of the call. */
  readonly about?: string
}

/** The end of a question, as data. */
export interface InteractionEnd {
  readonly state: Exclude<InteractionState, 'pending'>
  readonly response?: InteractionResponse
  /** Principal id, or `system`. */
  readonly by: string
  /** The session it came from. */
  readonly session?: string
  /** A plain sentence for the person; a default is made of the state. */
  readonly sentence?: string
}

/** Writes a question, its event and its audit record. */
export async function openInteraction(
  transaction: Transaction,
  ledger: Ledger,
  { runtime, ...asked }: NewInteraction & { runtime: Runtime },
): Promise<InteractionRow> {
  const { run, callId, place, question } = asked
  const now = runtime.now()
  // A notification is answered by being shown.
  const isNotification = question.kind === 'notification'
  const row: InteractionRow = {
    id: asked.id ?? runtime.id(),
    conversationId: run.conversationId,
    runId: run.id,
    callId,
    place,
    digest: questionDigest(runtime, question, asked.about),
    question,
    principalId: run.principal.id,
    sessionId: run.principal.kind === 'anonymous' ? run.sessionId : null,
    state: isNotification ? 'answered' : 'pending',
    response: null,
    problem: null,
    again: asked.again ?? null,
    createdAt: now,
    expiresAt: now + asked.timeoutMs,
    settledAt: isNotification ? now : null,
    settledBy: isNotification ? 'system' : null,
    receipt: null,
  }
  await transaction.insert('interactions', row)
  ledger.event({ type: 'interaction-open', runId: run.id, interaction: viewOf(row) })
  const { id: interaction, digest, principalId: to } = row
  ledger.audit({ type: 'question', run: run.id, interaction, call: callId, kind: question.kind, place, question: digest, to })
  return row
}

/**
 * Ends a question exactly once.
 * @param receipts given where a person's answer has just arrived
 * @returns the ended row, or undefined when it had already ended
 */
export async function settleInteraction(
  transaction: Transaction,
  ledger: Ledger,
  {
    interaction,
    end,
    runtime,
    receipts,
  }: { interaction: InteractionRow; end: InteractionEnd; runtime: Pick<Runtime, 'now' | 'sha256'>; receipts?: Receipts },
): Promise<InteractionRow | undefined> {
  const answer = { response: end.response ?? null, settledAt: runtime.now(), settledBy: end.by }
  const change = { ...answer, state: end.state, problem: null, receipt: receipts?.sign(interaction, answer) ?? null }
  const settled = await transaction.update('interactions', { id: interaction.id, state: 'pending' }, change)
  if (settled === 0) return undefined
  const sentence = end.sentence ?? closingSentence(interaction.question, end)
  const { id: interactionId, runId } = interaction
  ledger.event({ type: 'interaction-close', runId, interactionId, state: end.state, sentence, by: end.by })
  ledger.audit({
    type: 'answer',
    run: interaction.runId,
    interaction: interaction.id,
    state: end.state,
    by: end.by,
    ...(end.session !== undefined && { session: end.session }),
    question: interaction.digest,
    ...decisionOf(interaction.question, end.response, runtime),
  })
  return { ...interaction, ...change }
}

/** How it was decided, for the audit: what was chosen of what was offered, and of a person's own words the digest. */
function decisionOf(
  question: Question,
  response: InteractionResponse | undefined,
  runtime: Pick<Runtime, 'sha256'>,
): { readonly answer?: JsonValue } {
  switch (response?.action) {
    case 'accept':
      return { answer: 'options' in question ? response.answer : digestJson(runtime, response.answer) }
    case 'decline':
      return response.reason === undefined ? {} : { answer: digestJson(runtime, response.reason) }
    case 'cancel':
    case 'resend':
    case undefined:
      return {}
  }
}

/** Says (or takes back) what is wrong with an open question, so that the person can try again. */
export async function noteProblem(
  transaction: Transaction,
  ledger: Ledger,
  { interaction, problem }: { interaction: InteractionRow; problem: string | null },
): Promise<void> {
  if (interaction.problem === problem) return
  const noted = await transaction.update('interactions', { id: interaction.id, state: 'pending' }, { problem })
  if (noted > 0) ledger.event({ type: 'interaction-update', runId: interaction.runId, interaction: viewOf({ ...interaction, problem }) })
}

/** What clients may know of a question: never the answer, never whose session. */
export function viewOf(row: InteractionRow): InteractionView {
  return {
    id: row.id,
    runId: row.runId,
    callId: row.callId,
    question: row.question,
    state: row.state,
    createdAt: row.createdAt,
    expiresAt: row.expiresAt,
    ...(row.problem !== null && { problem: row.problem }),
    ...(row.again !== null && { again: row.again }),
  }
}

/**
 * Equal exactly for questions that ask the same.
 * @param about the digest of what they are about, where not all of it is shown
 */
export function questionDigest(runtime: Pick<Runtime, 'sha256'>, question: Question, about?: string): string {
  // A question is plain data; its optional members are why TypeScript does not see that it is JSON.
  const asked = question as unknown as JsonValue
  return digestJson(runtime, about === undefined ? asked : [asked, about])
}
