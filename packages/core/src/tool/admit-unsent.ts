import type { AuthProvider } from '../auth/auth-provider.ts'
import { endAuthorization } from '../auth/authorization.ts'
import { openInteraction } from '../interaction/interactions.ts'
import type { Question } from '../protocol/interaction.ts'
import { keep } from '../store/journal.ts'
import type { AuthorizationRow } from '../store/rows.ts'
import { type Admission, type AtGate, refuseForged } from './at-gate.ts'
import { refusal } from './refusal.ts'

/**
 * Somebody died after writing down that a device is to ring, and before its server had answered: nobody knows whether it rang, so the person decides whether
 * it is to ring once more.
 * @returns undefined when it is: the attempt is over, and another may begin
 */
export async function admitUnsent(at: AtGate, provider: AuthProvider, unsent: AuthorizationRow): Promise<Admission | undefined> {
  const { journal, call, tool, deps } = at
  const place = `resend:${unsent.id}`
  const asked = journal.interactions.find((interaction) => interaction.callId === call.id && interaction.place === place)
  const question = resendQuestion(tool.name, provider.host)
  if (!asked) {
    keep(journal.interactions, await ask(at, place, question))
    return { kind: 'blocked' }
  }
  if (asked.state === 'pending') return { kind: 'blocked' }
  const isToBeSent = asked.response?.action === 'accept' && asked.response.answer === 'send'
  if (isToBeSent && !deps.receipts.hold(asked, question)) return refuseForged(at)
  await end(at, unsent, isToBeSent ? 'outcome_unknown' : 'cancelled')
  if (isToBeSent) return undefined
  const message = 'The request may have been sent to the other device when it was interrupted, and it was not sent again.'
  return { kind: 'refused', refusal: refusal('failed', 'outcome_unknown', message) }
}

function ask({ transaction, ledger, journal, call, deps }: AtGate, place: string, question: Question): ReturnType<typeof openInteraction> {
  const { runtime, limits } = deps
  const asked = { run: journal.run, callId: call.id, place, question, timeoutMs: limits.questionTimeoutMs, runtime }
  return openInteraction(transaction, ledger, asked)
}

/** What was left is not asked for again, by no other call either that shared it. */
async function end(
  { transaction, ledger, journal, deps }: AtGate,
  unsent: AuthorizationRow,
  code: 'outcome_unknown' | 'cancelled',
): Promise<void> {
  const ending = { state: 'failed', code, by: 'system' } as const
  await endAuthorization(transaction, ledger, { authorization: unsent, from: ['requested'], end: ending, runtime: deps.runtime })
  keep(journal.authorizations, { ...unsent, state: 'failed', failureCode: ending.code })
}

function resendQuestion(tool: string, host: string): Question {
  return {
    kind: 'binary_choice',
    text: `"${tool}" was interrupted while ${host} was being asked to ring the other device, which may have happened. Send the request again?`,
    options: [
      { id: 'send', label: 'Send it again', value: 'send' },
      { id: 'leave', label: 'Leave it', value: 'leave' },
    ],
  }
}
