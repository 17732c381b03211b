import type { Ledger } from '../audit/ledger.ts'
import { wakeRun } from '../interaction/wake-run.ts'
import { type Visitor, ownsConversation } from '../interaction/asker.ts'
import type { RunRow } from '../store/rows.ts'
import type { Transaction } from '../store/store.ts'
import { closeQuestions } from './end-run.ts'
import type { RunDeps } from './run-deps.ts'

/**
 * Asks a run to stop. Its questions and their OAuth states end in this transaction and nothing of it starts any more; whoever holds it, or claims it
 * next, ends it.
 */
export async function cancelRun({
  transaction,
  ledger,
  deps,
  run,
  why,
  by,
}: {
  transaction: Transaction
  ledger: Ledger
  deps: RunDeps
  run: RunRow
  why: 'requested' | 'newer_message'
  /** Whose word it was: a principal's id. */
  by: string
}): Promise<void> {
  await transaction.update('runs', { id: run.id }, { cancel: why })
  ledger.audit({ type: 'cancel', run: run.id, why, by })
  const journal = { run: { ...run, cancel: why }, messages: [], calls: [], interactions: [], authorizations: [] }
  await closeQuestions({ transaction, ledger, journal, runtime: deps.runtime }, by)
  await wakeRun(transaction, run.id)
}

/** Stops whatever the conversation is doing; with `runId` only that run. @returns whether it was doing that */
export async function cancelActive({
  transaction,
  ledger,
  deps,
  conversationId,
  visitor,
  runId,
}: {
  transaction: Transaction
  ledger: Ledger
  deps: RunDeps
  conversationId: string
  visitor: Visitor
  runId?: string | undefined
}): Promise<boolean> {
  const conversation = await transaction.get('conversations', { id: conversationId })
  if (!conversation || !ownsConversation(conversation, visitor)) return false
  const run = await transaction.get('runs', { active: conversationId, ...(runId !== undefined && { id: runId }) })
  if (!run || run.cancel !== null) return run !== undefined
  await cancelRun({ transaction, ledger, deps, run, why: 'requested', by: visitor.principal.id })
  return true
}
