import { CountersignError } from '../errors.ts'
import type { Receipts } from '../interaction/receipts.ts'
import { type Journal, keep } from '../store/journal.ts'
import type { AuthorizationRow, CallRow } from '../store/rows.ts'
import type { Transaction } from '../store/store.ts'
import { admit } from '../tool/admit.ts'
import type { Admission } from '../tool/at-gate.ts'
import type { GateLimits } from '../tool/gate-deps.ts'
import { type RunUnit, appendResults, endCancelled, endRun, finishCall } from './end-run.ts'
import type { Workflow } from './workflow.ts'

/** What is to be done outside the unit, once it is committed. */
export type Work =
  | { readonly kind: 'reply' }
  | { readonly kind: 'execute'; readonly call: CallRow }
  | { readonly kind: 'begin'; readonly authorization: AuthorizationRow }

/** Where a unit leaves the run: held, because something is under way; parked, to be woken; left to another holder; or ended. */
export interface Proceeding {
  readonly journal: Journal
  readonly work: readonly Work[]
  readonly rest: 'held' | 'parked' | 'left' | 'ended'
}

export interface ProceedUnit extends RunUnit {
  readonly workflow: Workflow
  readonly limits: GateLimits
  readonly receipts: Receipts
  /** What this holder has under way: `reply`, call ids, authorization ids. */
  readonly inFlight: ReadonlySet<string>
  /** The grace of a cancelled run is over: what still executes is not waited for. */
  readonly isGraceOver?: boolean
}

/**
 * The fold: reads the journal and writes the next thing. The last message is a person's or a result → ask the model; it is a reply with
 * open calls → take each to the gate; it is a reply without calls → done. Starting, resuming and recovering are the same.
 */
export async function proceed(unit: ProceedUnit): Promise<Proceeding> {
  const { journal, workflow, inFlight } = unit
  const work: Work[] = []
  const at = (rest: Proceeding['rest']): Proceeding => ({ journal: unit.journal, work, rest })
  if (journal.run.cancel !== null) {
    const executing = new Set(journal.calls.filter(({ id, state }) => state === 'executing' && inFlight.has(id)).map(({ id }) => id))
    if (executing.size > 0 && !unit.isGraceOver) return at('held')
    await endCancelled(unit, executing)
    return at('ended')
  }
  if (journal.messages.at(-1)?.role === 'assistant') {
    await takeCalls(unit, work)
    const isOpen = journal.calls.some(({ state }) => state !== 'done')
    if (isOpen) return work.length > 0 || isUnderWay(unit) ? at('held') : park(unit)
    if (journal.calls.length === 0) {
      await endRun(unit, { state: 'done' })
      return at('ended')
    }
    appendResults(unit.ledger, journal)
  }
  if (inFlight.has('reply')) return at('held')
  if (journal.run.turn >= workflow.maxTurns) {
    await endRun(unit, { state: 'failed', sentence: `It stopped after ${workflow.maxTurns} rounds without coming to an end.` })
    return at('ended')
  }
  work.push({ kind: 'reply' })
  return at('held')
}

/** Takes each open call to the gate. */
async function takeCalls(unit: ProceedUnit, work: Work[]): Promise<void> {
  const inFlight = new Set(unit.inFlight)
  for (const call of unit.journal.calls.filter(({ id, state }) => state !== 'done' && !unit.inFlight.has(id))) {
    const asked = unit.journal.interactions.length
    const admission = await toGate({ ...unit, inFlight }, call)
    // Another call of this reply that needs the same sign-in waits for this one.
    if (admission.kind === 'begin') inFlight.add(admission.authorization.id)
    if (admission.kind === 'execute') work.push({ kind: 'execute', call: await markExecuting(unit, call) })
    else if (admission.kind === 'begin') work.push(admission)
    else if (admission.kind === 'refused') await finishCall(unit, call, admission.refusal)
    if (unit.journal.interactions.length > asked)
      unit.ledger.event({ type: 'tool-wait', runId: call.runId, callId: call.id, tool: call.tool })
  }
}

const NONE: ReadonlySet<string> = new Set()

function toGate(unit: ProceedUnit, call: CallRow): Promise<Admission> {
  const { transaction, ledger, journal, runtime, workflow, limits, receipts, inFlight, begun = NONE } = unit
  const { tools, toolDigests, providers, policy } = workflow
  return admit({
    transaction,
    ledger,
    journal,
    call,
    inFlight,
    begun,
    deps: { runtime, tools, toolDigests, providers, policy, receipts, limits },
  })
}

async function markExecuting({ transaction, ledger, journal }: ProceedUnit, call: CallRow): Promise<CallRow> {
  const executing = { ...call, state: 'executing', entries: call.entries + 1 } as const
  await transaction.update('calls', { id: call.id }, { state: 'executing', entries: executing.entries })
  keep(journal.calls, executing)
  ledger.audit({ type: 'tool-call', run: call.runId, call: call.id, tool: call.tool, entry: executing.entries })
  return executing
}

function isUnderWay({ journal, inFlight }: ProceedUnit): boolean {
  return journal.calls.some(({ id }) => inFlight.has(id)) || journal.authorizations.some(({ id }) => inFlight.has(id))
}

/**
 * Lets go of the run until somebody wakes it. If somebody did since the journal was read, what the holder knows is old: it reads the
 * answers again and goes on from the top.
 */
async function park(unit: ProceedUnit): Promise<Proceeding> {
  const { transaction, journal } = unit
  const { id, owner, fence, wake } = journal.run
  const parked = await transaction.update('runs', { id, owner, fence, wake }, { state: 'waiting', owner: null, lease: 0 })
  if (parked > 0) return { journal, work: [], rest: 'parked' }
  return proceed({ ...unit, journal: await reloadAnswers(transaction, journal) })
}

/** Reads again what others may have changed; messages and calls are the holder's own. */
export async function reloadAnswers(transaction: Transaction, journal: Journal): Promise<Journal> {
  const { id, owner, fence } = journal.run
  const run = await transaction.get('runs', { id, owner, fence })
  if (!run) throw new CountersignError('conflict', `run "${id}" has another holder`)
  const interactions = await transaction.find('interactions', { runId: id })
  const authorizations = await transaction.find('authorizations', { runId: id }, { orderBy: 'createdAt' })
  return { ...journal, run, interactions: [...interactions], authorizations: [...authorizations] }
}
