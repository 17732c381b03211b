import { EMPTY_HEAD } from '../audit/chain.ts'
import type { Ledger } from '../audit/ledger.ts'
import { CountersignError } from '../errors.ts'
import { type Visitor, ownsConversation } from '../interaction/asker.ts'
import type { Message } from '../protocol/message.ts'
import type { Presence } from '../protocol/principal.ts'
import { digestText } from '../runtime/digest.ts'
import { loadMessages } from '../store/journal.ts'
import type { RunRow } from '../store/rows.ts'
import type { Transaction } from '../store/store.ts'
import type { RunDeps } from './run-deps.ts'
import { cancelRun } from './cancel-run.ts'
import type { Workflow } from './workflow.ts'

/** A person's message to a workflow. */
export interface StartRequest {
  readonly workflow: string
  readonly conversationId: string
  /** The client's id of the message; the same id again is the same message. */
  readonly messageId: string
  readonly text: string
  readonly visitor: Visitor
  /** What front there is for the person. Default: a browser. */
  readonly presence?: Presence
}

/** What a start came to: a run of its own with the history, or one that waits for `cancelled` to end. */
export interface Started {
  readonly run: RunRow
  readonly messages: readonly Message[]
  readonly cancelled?: RunRow
}

/**
 * Writes the message and its run, claimed by this process at once; behind a run that is still active it is queued, and that one is cancelled.
 * @throws CountersignError `conflict` when the conversation already has a message of this id
 */
export async function startRun(unit: {
  transaction: Transaction
  ledger: Ledger
  deps: RunDeps
  workflow: Workflow
  request: StartRequest
}): Promise<Started> {
  const { transaction, ledger, deps, workflow, request } = unit
  const { conversationId, messageId, text } = request
  const isNew = await openConversation(transaction, deps, request)
  const active = isNew ? undefined : await transaction.get('runs', { active: conversationId })
  const run = newRun(transaction, deps, { workflow, request, isQueued: active !== undefined })
  if (active) {
    await dropQueued(transaction, ledger, { deps, conversationId })
    await cancelRun({ transaction, ledger, deps, run: active, why: 'newer_message', by: request.visitor.principal.id })
  }
  await transaction.insert('runs', run)
  ledger.event({ type: 'run-start', runId: run.id, messageId, text })
  ledger.audit({ type: 'request', run: run.id, principal: run.principal.id, workflow: run.workflow, text: digestText(deps.runtime, text) })
  if (active) return { run, messages: [], cancelled: active }
  const message = { role: 'user', text } as const
  ledger.message(run.id, message)
  const earlier = isNew ? [] : await loadMessages(transaction, conversationId, workflow.maxHistory)
  return { run, messages: [...earlier, message] }
}

/** @returns whether it was opened now. @throws CountersignError `not_found` when it is somebody else's, or the visitor's session is over */
async function openConversation(
  transaction: Transaction,
  { runtime }: RunDeps,
  { conversationId, visitor }: StartRequest,
): Promise<boolean> {
  const existing = await transaction.get('conversations', { id: conversationId })
  if (existing) {
    if (ownsConversation(existing, visitor)) return false
    throw new CountersignError('not_found', 'there is no such conversation')
  }
  // What a session had has moved or was stopped as it ended: a message that comes a moment later would be nobody's.
  if (visitor.sessionId !== null) await transaction.lock(visitor.sessionId)
  const session = visitor.sessionId === null ? undefined : await transaction.get('sessions', { id: visitor.sessionId })
  // Whose it is tells first: it may have been ended by a clock that is ahead of this one.
  const isOver = session && (session.principalId !== visitor.principal.id || session.expiresAt <= runtime.now())
  if (isOver) throw new CountersignError('not_found', 'the session is over')
  await transaction.insert('conversations', {
    id: conversationId,
    principalId: visitor.principal.id,
    sessionId: visitor.principal.kind === 'anonymous' ? visitor.sessionId : null,
    seq: 0,
    messageCount: 0,
    auditNumber: 0,
    auditHead: EMPTY_HEAD,
    createdAt: runtime.now(),
    auditOpen: 0,
    auditSigned: 0,
    eventCount: 0,
    keptFrom: 1,
    thinnedTo: 0,
  })
  return true
}

function newRun(
  transaction: Transaction,
  { runtime, owner, limits }: RunDeps,
  { workflow, request, isQueued }: { workflow: Workflow; request: StartRequest; isQueued: boolean },
): RunRow {
  const { conversationId, messageId, text, visitor } = request
  return {
    id: runtime.id(),
    conversationId,
    messageId,
    text,
    active: isQueued ? null : conversationId,
    workflow: workflow.name,
    principal: visitor.principal,
    sessionId: visitor.sessionId,
    state: isQueued ? 'queued' : 'ready',
    owner: isQueued ? null : owner,
    fence: isQueued ? 0 : 1,
    lease: isQueued ? 0 : transaction.now + limits.leaseMs,
    wake: 0,
    cancel: null,
    turn: 0,
    toolDigests: workflow.toolDigests,
    createdAt: runtime.now(),
    endedAt: null,
    presence: request.presence ?? 'browser',
  }
}

/** A message that never had its turn is overtaken by a newer one. */
async function dropQueued(
  transaction: Transaction,
  ledger: Ledger,
  { deps, conversationId }: { deps: RunDeps; conversationId: string },
): Promise<void> {
  const dropped = await transaction.updateOne(
    'runs',
    { conversationId, state: 'queued' },
    { state: 'cancelled', endedAt: deps.runtime.now() },
  )
  if (!dropped) return
  ledger.event({ type: 'run-end', runId: dropped.id, state: 'cancelled', sentence: 'Stopped for your newer message.' })
  ledger.audit({ type: 'run-end', run: dropped.id, state: 'cancelled' })
}
