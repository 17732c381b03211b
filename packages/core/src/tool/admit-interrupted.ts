import { openInteraction } from '../interaction/interactions.ts'
import type { Question } from '../protocol/interaction.ts'
import { keep } from '../store/journal.ts'
import { type Admission, type AtGate, refuseForged } from './at-gate.ts'
import { refusal } from './refusal.ts'

/**
 * Found `executing`: somebody died inside. An idempotent tool is entered again with the same key; of any other nobody knows whether it ran,
 * so the person is asked.
 */
export async function admitInterrupted(at: AtGate): Promise<Admission | undefined> {
  const { call, tool, journal, inFlight } = at
  if (call.state !== 'executing' || inFlight.has(call.id) || tool.idempotent) return undefined
  const place = `rerun:${call.entries}`
  const asked = journal.interactions.find((interaction) => interaction.callId === call.id && interaction.place === place)
  if (!asked) {
    keep(journal.interactions, await ask(at, place))
    return { kind: 'blocked' }
  }
  if (asked.response?.action === 'accept' && asked.response.answer === 'run')
    return at.deps.receipts.hold(asked, rerunQuestion(tool.name)) ? undefined : refuseForged(at)
  return {
    kind: 'refused',
    refusal: refusal('failed', 'outcome_unknown', `"${tool.name}" was interrupted; it may or may not have run, and it was not run again.`),
  }
}

function ask({ transaction, ledger, journal, call, tool, deps }: AtGate, place: string): ReturnType<typeof openInteraction> {
  const { runtime, limits } = deps
  return openInteraction(transaction, ledger, {
    run: journal.run,
    callId: call.id,
    place,
    question: rerunQuestion(tool.name),
    timeoutMs: limits.questionTimeoutMs,
    runtime,
  })
}

function rerunQuestion(tool: string): Question {
  return {
    kind: 'binary_choice',
    text: `"${tool}" was interrupted and may have run. Run it again?`,
    options: [
      { id: 'run', label: 'Run again', value: 'run' },
      { id: 'leave', label: 'Leave it', value: 'leave' },
    ],
  }
}
