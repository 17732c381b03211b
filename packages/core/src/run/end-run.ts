import type { Ledger } from '../audit/ledger.ts'
import { LIVE, endAuthorization } from '../auth/authorization.ts'
import { settleInteraction } from '../interaction/interactions.ts'
import type { JsonValue } from '../protocol/json.ts'
import type { CallResult } from '../protocol/message.ts'
import type { RunEnd } from '../protocol/run-event.ts'
import { digestJson } from '../runtime/digest.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { type Journal, keep } from '../store/journal.ts'
import type { CallRow, RunRow } from '../store/rows.ts'
import type { Transaction } from '../store/store.ts'
import { refusal } from '../tool/refusal.ts'
import { dropCredentials } from './drop-credentials.ts'

/** A unit of a run's holder. */
export interface RunUnit {
  readonly transaction: Transaction
  readonly ledger: Ledger
  readonly journal: Journal
  readonly runtime: Runtime
  /** The authorizations that this very unit has written down: nobody has asked for them yet. */
  readonly begun?: Set<string>
}

/** Ends a run: nothing of it can be claimed any more, and a message that waited for its end has its turn. */
export async function endRun(unit: RunUnit, end: { state: RunEnd; sentence?: string }): Promise<void> {
  const { transaction, ledger, journal, runtime } = unit
  const { run } = journal
  await dropCredentials(unit, 'run')
  const change = { state: end.state, active: null, owner: null, lease: 0, endedAt: runtime.now() }
  await transaction.update('runs', { id: run.id, fence: run.fence }, change)
  journal.run = { ...run, ...change }
  ledger.event({ type: 'run-end', runId: run.id, ...end })
  ledger.audit({ type: 'run-end', run: run.id, state: end.state })
  if (run.cancel === 'newer_message') await promoteQueued(transaction, ledger, run.conversationId)
}

/** Ends a cancelled run once nothing of it executes: every open call gets a result, for a history with unanswered calls is refused by models. */
export async function endCancelled(unit: RunUnit, stillExecuting: ReadonlySet<string>): Promise<void> {
  const { transaction, ledger, journal } = unit
  await closeQuestions(unit, 'system')
  for (const call of journal.calls.filter((candidate) => candidate.state !== 'done')) {
    const wasRunning = call.state === 'executing'
    const said = wasRunning
      ? refusal(
          'failed',
          'outcome_unknown',
          stillExecuting.has(call.id) ? 'It was still running when it was cancelled.' : 'It was interrupted; it may have run.',
        )
      : refusal('cancelled', 'cancelled', 'Cancelled, not run.')
    await finishCall(unit, call, said)
  }
  if (journal.calls.length > 0 && journal.messages.at(-1)?.role === 'assistant') appendResults(ledger, journal)
  const sentence = journal.run.cancel === 'newer_message' ? 'Stopped for your newer message.' : 'Stopped.'
  await endRun({ ...unit, transaction }, { state: 'cancelled', sentence })
}

/** Writes a call's result, its event and its record. */
export async function finishCall(unit: RunUnit, call: CallRow, { status, output }: Pick<CallResult, 'status' | 'output'>): Promise<void> {
  const { transaction, ledger, journal, runtime } = unit
  const change = { state: 'done', status, output } as const
  await transaction.update('calls', { id: call.id }, change)
  keep(journal.calls, { ...call, ...change })
  await dropCredentials(unit, { callId: call.id })
  ledger.event({ type: 'tool-end', runId: call.runId, callId: call.id, tool: call.tool, status, output })
  ledger.audit({
    type: 'tool-result',
    run: call.runId,
    call: call.id,
    tool: call.tool,
    status,
    output: digestJson(runtime, output),
    ...(status !== 'ok' && errorOf(output)),
  })
}

/** The code by which a refusal says why. */
function errorOf(output: JsonValue): { readonly error?: string } {
  const code = typeof output === 'object' && output !== null && 'error' in output ? output.error : undefined
  return typeof code === 'string' ? { error: code } : {}
}

/** The results of all calls of the reply, in the order of the calls. */
export function appendResults(ledger: Ledger, journal: Journal): void {
  const results = journal.calls.map(({ id, tool, status, output }): CallResult => ({
    callId: id,
    tool,
    status: status ?? 'failed',
    output,
  }))
  const message = { role: 'tool', results } as const
  ledger.message(journal.run.id, message)
  journal.messages.push(message)
}

/** Open questions and their OAuth states end with the run that asked. */
export async function closeQuestions({ transaction, ledger, journal, runtime }: RunUnit, by: string): Promise<void> {
  const sentence = journal.run.cancel === 'newer_message' ? 'Withdrawn: you asked something else.' : 'Withdrawn: you stopped it.'
  const end = { state: 'cancelled', code: 'cancelled', reason: sentence, by } as const
  const authorizations = await transaction.find('authorizations', { runId: journal.run.id, state: { oneOf: LIVE } })
  for (const authorization of authorizations) await endAuthorization(transaction, ledger, { authorization, from: LIVE, end, runtime })
  const interactions = await transaction.find('interactions', { runId: journal.run.id, state: 'pending' })
  for (const interaction of interactions)
    await settleInteraction(transaction, ledger, { interaction, end: { state: 'cancelled', by, sentence }, runtime })
}

async function promoteQueued(transaction: Transaction, ledger: Ledger, conversationId: string): Promise<void> {
  const queued: RunRow | undefined = await transaction.updateOne(
    'runs',
    { conversationId, state: 'queued' },
    { state: 'ready', active: conversationId },
  )
  if (!queued) return
  ledger.message(queued.id, { role: 'user', text: queued.text })
  transaction.notify('run', queued.id)
}
