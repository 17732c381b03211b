import type { Message } from '../protocol/message.ts'
import type { AuthorizationRow, CallRow, InteractionRow, RunRow } from './rows.ts'
import type { Transaction } from './store.ts'

/**
 * What a holder knows of its run: the rows it has read. Only the holder changes calls and messages; what others may change (answers,
 * cancel) raises `run.wake`, so the journal is true while `wake` is the one it was read under.
 */
export interface Journal {
  run: RunRow
  /** The newest part of the conversation, oldest first, at most `max_history` messages. */
  readonly messages: Message[]
  /** The calls of the newest reply, in their order. */
  readonly calls: CallRow[]
  readonly interactions: InteractionRow[]
  readonly authorizations: AuthorizationRow[]
}

/** Reads the journal of a run whose row was read before. */
export async function loadJournal(
  transaction: Transaction,
  run: RunRow,
  { maxHistory, hasProviders }: { maxHistory: number; hasProviders: boolean },
): Promise<Journal> {
  const messages = await loadMessages(transaction, run.conversationId, maxHistory)
  const calls = await transaction.find('calls', { runId: run.id, turn: run.turn }, { orderBy: 'ordinal' })
  const interactions = calls.length === 0 ? [] : await transaction.find('interactions', { runId: run.id })
  const authorizations = !hasProviders ? [] : await transaction.find('authorizations', { runId: run.id }, { orderBy: 'createdAt' })
  return { run, messages, calls: [...calls], interactions: [...interactions], authorizations: [...authorizations] }
}

/** The newest messages of a conversation, oldest first. */
export async function loadMessages(transaction: Transaction, conversationId: string, limit: number): Promise<Message[]> {
  const rows = await transaction.find('messages', { conversationId }, { orderBy: 'position', descending: true, limit })
  return rows.map((row) => row.message).toReversed()
}

/** A copy that a unit may change; the holder keeps it only if the unit was committed. */
export function draftOf(journal: Journal): Journal {
  return {
    run: journal.run,
    messages: [...journal.messages],
    calls: [...journal.calls],
    interactions: [...journal.interactions],
    authorizations: [...journal.authorizations],
  }
}

/** Puts the newer form of a row in the place of the older one, or at the end. */
export function keep<R extends { readonly id: string }>(rows: R[], row: R): void {
  const index = rows.findIndex((candidate) => candidate.id === row.id)
  if (index === -1) rows.push(row)
  else rows[index] = row
}
