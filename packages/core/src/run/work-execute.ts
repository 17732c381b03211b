import { isLive } from '../auth/authorization.ts'
import { vaultKey } from '../auth/vault-entry.ts'
import { openInteraction } from '../interaction/interactions.ts'
import { keep } from '../store/journal.ts'
import type { CallRow } from '../store/rows.ts'
import { beginAuthorization } from '../tool/begin-authorization.ts'
import type { CallJournal, Suspension } from '../tool/call-context.ts'
import { type CallOutcome, executeCall } from '../tool/execute-call.ts'
import { refusal } from '../tool/refusal.ts'
import { roomToAsk } from '../tool/room-to-ask.ts'
import { type RunUnit, finishCall } from './end-run.ts'
import type { Work } from './proceed.ts'
import type { Holding } from './holding.ts'

/** Enters the tool of an admitted call, and commits what became of it. */
export async function executeWork(holding: Holding, work: Extract<Work, { kind: 'execute' }>): Promise<void> {
  const { deps, workflow, journal, signal } = holding
  const { call } = work
  const tool = workflow.tools.get(call.tool)
  if (!tool) throw new Error(`the gate admitted "${call.tool}", which is not there`)
  const { run, interactions, authorizations } = journal
  const { vault, redirectUri, limits, receipts, runtime } = deps
  const entry = { run, call, interactions, authorizations, journal: journalOf(holding, call), runtime, receipts, signal }
  const outcome = await executeCall(tool, entry, {
    vault,
    providers: workflow.providers,
    redirectUri,
    authorizationsPerCall: limits.authorizationsPerCall,
  })
  await holding.finish(work, `tool-${outcome.kind}`, (unit) => recordOutcome(holding, unit, { call, outcome }))
}

async function recordOutcome(holding: Holding, unit: RunUnit, { call, outcome }: { call: CallRow; outcome: CallOutcome }): Promise<void> {
  if (outcome.kind === 'result') return finishCall(unit, call, { status: 'ok', output: outcome.output })
  if (outcome.kind === 'refusal') return finishCall(unit, call, outcome.refusal)
  const suspended = { ...call, state: 'suspended' } as const
  await unit.transaction.update('calls', { id: call.id }, { state: 'suspended' })
  keep(unit.journal.calls, suspended)
  unit.ledger.event({ type: 'tool-wait', runId: call.runId, callId: call.id, tool: call.tool })
  if (unit.journal.run.cancel === null) await recordSuspension(holding, unit, { call: suspended, suspension: outcome.suspension })
}

/** The question and `suspended` are one commit; a sign-in is begun by the fold that follows. */
async function recordSuspension(
  { deps, workflow }: Holding,
  unit: RunUnit,
  { call, suspension }: { call: CallRow; suspension: Suspension },
): Promise<void> {
  const { runtime, limits, receipts } = deps
  const { run } = unit.journal
  if (suspension.kind === 'asked') return
  const { tools, toolDigests, providers, policy } = workflow
  const at = { ...unit, call, deps: { runtime, tools, toolDigests, providers, policy, receipts, limits } }
  if (suspension.kind === 'question') {
    const room = await roomToAsk(at)
    // The gate lets the call in again when there is.
    if (room === 'later') return
    if (room !== 'now') return finishCall(unit, call, room)
    const { place, question } = suspension
    const timeoutMs = question.timeoutSeconds === undefined ? limits.questionTimeoutMs : question.timeoutSeconds * 1000
    const asked = { run, callId: call.id, place, question, timeoutMs, runtime }
    keep(unit.journal.interactions, await openInteraction(unit.transaction, unit.ledger, asked))
    return
  }
  const { requirement, again } = suspension
  const provider = providers.get(requirement.provider)
  if (!provider) return finishCall(unit, call, refusal('failed', 'unknown_type', `"${requirement.provider}" is not configured.`))
  const key = vaultKey(runtime, { provider, requirement, run, callId: call.id })
  // Another call of this reply asks for the same sign-in: the gate lets this one wait for it.
  if (unit.journal.authorizations.some((row) => row.vaultKey === key && isLive(row))) return
  const admission = await beginAuthorization(at, { provider, requirement, key, again })
  // The fold that follows asks the provider for it.
  if (admission.kind === 'begin') unit.begun?.add(admission.authorization.id)
  if (admission.kind === 'refused') await finishCall(unit, call, admission.refusal)
}

/** What the running call may write meanwhile. */
function journalOf(holding: Holding, call: CallRow): CallJournal {
  const { deps } = holding
  return {
    loadSteps: () => deps.store.transact('steps', (transaction) => transaction.find('steps', { callId: call.id })),
    saveStep: (name, value) => holding.note('step', ({ transaction }) => transaction.insert('steps', { callId: call.id, name, value })),
    notify: ({ place, question }) =>
      holding.note('notification', async ({ transaction, ledger, journal }) => {
        const asked = {
          run: journal.run,
          callId: call.id,
          place,
          question,
          timeoutMs: deps.limits.questionTimeoutMs,
          runtime: deps.runtime,
        }
        keep(journal.interactions, await openInteraction(transaction, ledger, asked))
      }),
    progress: (text) => {
      void holding.note('progress', async ({ ledger }) => ledger.event({ type: 'tool-progress', runId: call.runId, callId: call.id, text }))
    },
  }
}
