import type { Ledger } from '../audit/ledger.ts'
import { tooSoonToAsk } from '../auth/asking-pace.ts'
import { type AuthorizationEnd, endAuthorization, LIVE } from '../auth/authorization.ts'
import type { Visitor } from '../interaction/asker.ts'
import { isOnOtherDevice } from '../interaction/check-answer.ts'
import { settleInteraction } from '../interaction/interactions.ts'
import { wakeRun } from '../interaction/wake-run.ts'
import type { InteractionResponse } from '../protocol/interaction.ts'
import type { InteractionRow } from '../store/rows.ts'
import type { Transaction } from '../store/store.ts'
import type { RunDeps } from './run-deps.ts'

/** How long a request must have been out before it may be sent once more, milliseconds: a device takes a moment to ring. */
const RESEND_AFTER_MS = 10_000

/** A valid response of somebody who may give it. */
export interface Answering {
  readonly interaction: InteractionRow
  readonly response: InteractionResponse
  readonly visitor: Visitor
}

/** Ends a question by a person's response, and what it stands for; its run is woken. @returns whether this was the end */
export async function settleAnswer(
  { transaction, ledger, deps }: { transaction: Transaction; ledger: Ledger; deps: RunDeps },
  { interaction, response, visitor }: Answering,
): Promise<boolean> {
  const { runtime, receipts } = deps
  const who = { by: visitor.principal.id, ...(visitor.sessionId !== null && { session: visitor.sessionId }) }
  const { question } = interaction
  if (question.kind === 'oauth_consent' || isOnOtherDevice(question)) {
    const authorization = await transaction.get('authorizations', { interactionId: interaction.id })
    // A no to a request on a device is its owner's to say; from here it is only withdrawn.
    const isTheirs = question.kind === 'backchannel' && response.action === 'decline'
    const end = { ...authorizationEnd(isTheirs ? { action: 'cancel' } : response), ...who }
    return authorization ? endAuthorization(transaction, ledger, { authorization, from: LIVE, end, runtime }) : false
  }
  const state = response.action === 'accept' ? 'answered' : response.action === 'decline' ? 'declined' : 'cancelled'
  if (!(await settleInteraction(transaction, ledger, { interaction, end: { state, response, ...who }, runtime, receipts }))) return false
  await wakeRun(transaction, interaction.runId)
  return true
}

/** What answers an authorization by a message is never a yes. */
function authorizationEnd({ action }: InteractionResponse): Pick<AuthorizationEnd, 'state' | 'code' | 'reason'> {
  switch (action) {
    case 'decline':
      return { state: 'denied', code: 'access_denied', reason: 'You declined.' }
    case 'resend':
      return { state: 'cancelled', code: 'sent_again', reason: 'It was sent once more.' }
    case 'accept':
    case 'cancel':
      return { state: 'cancelled', code: 'cancelled' }
  }
}

/** Why what waits on another device is not to be sent once more now; undefined when it may be. */
export async function tooSoonToResend(
  transaction: Transaction,
  { runtime, limits }: RunDeps,
  { id, callId, createdAt }: InteractionRow,
): Promise<string | undefined> {
  const leftMs = createdAt + RESEND_AFTER_MS - runtime.now()
  if (leftMs > 0) return `It was sent a moment ago; you can send it again in ${Math.ceil(leftMs / 1000)} s.`
  const own = await transaction.get('authorizations', { interactionId: id })
  if (own?.leaderId != null) return 'It was sent for another question that waits for the same; it can be sent again there.'
  if (own?.personDigest != null) {
    const asking = { whom: { personDigest: own.personDigest }, now: runtime.now(), spokeAt: 0 }
    // The request that is to be replaced is over then.
    if (await tooSoonToAsk(transaction, { ...asking, without: own.id }, limits))
      return 'That device was asked too often just now; try again in a minute.'
  }
  const attempts = await transaction.find('authorizations', { callId }, { limit: limits.authorizationsPerCall })
  return attempts.length < limits.authorizationsPerCall
    ? undefined
    : `It was sent ${attempts.length} times; ask anew if it is still wanted.`
}
