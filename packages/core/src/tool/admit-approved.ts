import { openInteraction, questionDigest } from '../interaction/interactions.ts'
import { laidOpen, shownText } from '../interaction/shown-text.ts'
import type { Decision } from '../policy/policy.ts'
import type { Question } from '../protocol/interaction.ts'
import type { JsonObject } from '../protocol/json.ts'
import { errorFacts } from '../runtime/error-facts.ts'
import { digestJson } from '../runtime/digest.ts'
import { keep } from '../store/journal.ts'
import type { InteractionRow } from '../store/rows.ts'
import { type Admission, type AtGate, refuseForged } from './at-gate.ts'
import { auditView } from './audit-view.ts'
import { redactKeys } from './redact.ts'
import { type Refusal, refusal } from './refusal.ts'
import { roomToAsk } from './room-to-ask.ts'

const PLACE = 'approval'

/** The policy's word, and the person's where the policy asks for it. What was approved is what runs: the digests must agree. */
export async function admitApproved(at: AtGate): Promise<Admission | undefined> {
  const { call, tool, journal, deps, ledger } = at
  const decision = decide(at)
  if (call.state === 'open' && !journal.interactions.some((row) => row.callId === call.id))
    ledger.audit({
      type: 'policy-decision',
      run: journal.run.id,
      call: call.id,
      tool: tool.name,
      effect: decision.effect,
      input: callDigest(at),
      view: auditView(call.input),
    })
  if (decision.effect === 'permit') return undefined
  if (decision.effect === 'deny') return { kind: 'refused', refusal: refusal('refused', 'policy_denied', decision.reason) }
  const question = approvalQuestion(at, decision.question)
  const asked = journal.interactions.find((row) => row.callId === call.id && row.place === PLACE)
  if (!asked) {
    const room = await roomToAsk(at)
    if (room !== 'now') return room === 'later' ? { kind: 'blocked' } : { kind: 'refused', refusal: room }
    const { runtime, limits } = deps
    const asking = { run: journal.run, callId: call.id, place: PLACE, question, about: argumentsDigest(at) }
    const open = { ...asking, timeoutMs: limits.questionTimeoutMs, runtime }
    keep(journal.interactions, await openInteraction(at.transaction, ledger, open))
    return { kind: 'blocked' }
  }
  if (asked.digest !== questionDigest(deps.runtime, question, argumentsDigest(at)))
    return {
      kind: 'refused',
      refusal: refusal('refused', 'question_changed', `What was approved is not what "${tool.name}" would do now.`),
    }
  const no = notApproved(asked)
  if (no) return { kind: 'refused', refusal: no }
  if (!deps.receipts.hold(asked, question)) return refuseForged(at)
  return undefined
}

/** The policy's word. One that fails has not permitted anything; thrown on, its error would undo the unit, again for every holder. */
function decide({ call, tool, journal, deps }: AtGate): Decision {
  const { name, description, risk = 'low' } = tool
  try {
    return deps.policy({ principal: journal.run.principal, tool: { name, description, risk }, input: call.input })
  } catch (error) {
    deps.runtime.log.error('policy failed', { tool: name, run: call.runId, call: call.id, ...errorFacts(error) })
    return { effect: 'deny', reason: 'The rules could not be applied.' }
  }
}

/**
 * One receipt for one call: written as it is used, unique by its call, so no approval is used for two executions of different calls. It is used when nothing else
 * stands in the way of the call: one that has yet to wait for a sign-in comes to the gate again.
 */
export async function useApproval(at: AtGate): Promise<void> {
  const { call, deps, transaction, journal } = at
  const approved = journal.interactions.find((row) => row.callId === call.id && row.place === PLACE)
  if (!approved || call.entries > 0) return
  const now = deps.runtime.now()
  const approvedBy = approved.settledBy ?? 'system'
  const approvedAt = approved.settledAt ?? now
  await transaction.insert('receipts', {
    id: deps.runtime.id(),
    callId: call.id,
    digest: callDigest(at),
    approvedBy,
    approvedAt,
    usedAt: now,
  })
}

/** Of what and with which arguments, also those that are not shown. Not of whom: a browser may sign in to the server meanwhile. */
function argumentsDigest({ call, deps }: AtGate): string {
  return digestJson(deps.runtime, [call.tool, call.input])
}

/** Of who, what and with which arguments. */
function callDigest({ call, journal, deps }: AtGate): string {
  return digestJson(deps.runtime, [journal.run.principal.id, call.tool, call.input])
}

function approvalQuestion({ call, tool }: AtGate, text: string): Question {
  return {
    kind: 'binary_choice',
    text: shownText(text),
    options: [
      { id: 'approve', label: 'Approve', value: 'approve' },
      { id: 'deny', label: 'Deny', value: 'deny' },
    ],
    // An object stays an object when its members are masked.
    approval: { tool: tool.name, arguments: laidOpen(redactKeys(call.input)) as JsonObject, risk: tool.risk ?? 'low' },
  }
}

function notApproved({ state, response }: InteractionRow): Refusal | undefined {
  if (state === 'answered' && response?.action === 'accept' && response.answer === 'approve') return undefined
  if (state === 'expired') return refusal('refused', 'expired', 'Nobody approved it in time.')
  if (state === 'cancelled') return refusal('cancelled', 'cancelled', 'The approval was cancelled.')
  const reason = response?.action === 'decline' ? response.reason : undefined
  const said = reason === undefined ? '' : `, and said: "${reason}"`
  return refusal('refused', 'access_denied', `The person did not approve it${said}.`)
}
