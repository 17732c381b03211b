import { transactOn } from '../audit/ledger.ts'
import { CountersignError, isCountersignError } from '../errors.ts'
import { errorFacts } from '../runtime/error-facts.ts'
import { type Journal, draftOf } from '../store/journal.ts'
import type { RunRow } from '../store/rows.ts'
import type { RunUnit } from './end-run.ts'
import type { Held, Holding, Record } from './holding.ts'
import { type Proceeding, type Work, proceed, reloadAnswers } from './proceed.ts'
import type { RunDeps } from './run-deps.ts'
import { beginWork } from './work-begin.ts'
import { executeWork } from './work-execute.ts'
import { replyWork } from './work-reply.ts'
import type { Workflow } from './workflow.ts'

/**
 * Holds one run while it advances. Every unit begins with the lease under owner and fence; one that finds them changed writes nothing, and the
 * holding ends.
 */
export class RunHolder implements Holding {
  readonly deps: RunDeps
  readonly workflow: Workflow
  readonly ended: Promise<Held>
  #journal: Journal
  #units: Promise<unknown> = Promise.resolve()
  readonly #inFlight = new Set<string>()
  readonly #abort = new AbortController()
  #stopRenewal: () => void = () => undefined
  #stopGrace: () => void = () => undefined
  #isGraceOver = false
  #isLeaving = false
  #isOver = false
  #resolveEnded: (held: Held) => void = () => undefined

  constructor(deps: RunDeps, workflow: Workflow, first: Proceeding) {
    this.deps = deps
    this.workflow = workflow
    this.#journal = first.journal
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve
    })
    this.#scheduleRenewal()
    this.#goOn(first)
  }

  get journal(): Journal {
    return this.#journal
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** Somebody changed something that the holder should read: an answer, a cancel. */
  poke(): void {
    void this.#unit('poke', async () => undefined, { reload: true })
  }

  /** Begins nothing more. What is under way may end and is kept; then the run is free for whoever claims it next. */
  leave(): void {
    this.#isLeaving = true
    void this.#unit('leave', async () => undefined, { only: true })
  }

  /** Lets go at once: nothing more is written, and whoever claims the run next reads what was committed. */
  abandon(): void {
    if (this.#isOver) return
    this.#abort.abort(new CountersignError('cancelled', 'the server stops'))
    this.#end('not_mine')
  }

  async finish(work: Work, name: string, record: Record): Promise<void> {
    await this.#unit(name, record, { finished: keyOf(work) })
  }

  async finishTurn(turn: number, record: Record): Promise<void> {
    await this.#unit('reply', record, { finished: 'reply', turn })
  }

  async note(name: string, record: Record): Promise<void> {
    await this.#unit(name, record, { only: true })
  }

  /** One unit after another, so that each begins with the journal that the one before left. */
  #unit(name: string, record: Record, options: UnitOptions): Promise<void> {
    const unit = this.#units.then(() => (this.#isOver ? undefined : this.#commit(name, record, options)))
    this.#units = unit.catch(() => undefined)
    return unit.catch((error: unknown) => this.#lose(name, error))
  }

  async #commit(name: string, record: Record, { finished, turn, reload, only }: UnitOptions): Promise<void> {
    const { deps, workflow } = this
    const { runtime, limits, receipts } = deps
    const { id, conversationId, owner, fence } = this.#journal.run
    const inFlight = new Set(this.#inFlight)
    if (finished !== undefined) inFlight.delete(finished)
    const next = await transactOn(deps, { name, conversationId }, async (transaction, ledger) => {
      const held = await transaction.updateOne(
        'runs',
        { id, owner, fence, state: 'ready' },
        {
          lease: transaction.now + limits.leaseMs,
          ...(turn !== undefined && { turn }),
        },
      )
      if (!held) throw new CountersignError('conflict', `run "${id}" has another holder`)
      const wasWoken = held.wake !== this.#journal.run.wake
      // Its browser has signed in to the server: whose run it is decides what the fold looks for.
      const isMoved = held.principal.id !== this.#journal.run.principal.id
      let journal = draftOf(this.#journal)
      journal.run = { ...held, wake: this.#journal.run.wake }
      const unit = { transaction, ledger, runtime, begun: new Set<string>() }
      await record({ ...unit, journal })
      if (this.#isLeaving && !isEnded(journal.run)) return leaveUnit({ ...unit, journal }, inFlight)
      if (only) return { journal, work: [], rest: 'held' } satisfies Proceeding
      if (isEnded(journal.run)) return { journal, work: [], rest: 'ended' } satisfies Proceeding
      if (reload && !wasWoken) return { journal, work: [], rest: 'held' } satisfies Proceeding
      if (reload || isMoved) journal = await reloadAnswers(transaction, journal)
      return proceed({ ...unit, journal, workflow, limits, receipts, inFlight, isGraceOver: this.#isGraceOver })
    })
    if (finished !== undefined) this.#inFlight.delete(finished)
    this.#goOn(next)
  }

  /** After a commit: takes over what it left, and starts the work that follows. */
  #goOn({ journal, work, rest }: Proceeding): void {
    this.#journal = journal
    if (journal.run.cancel !== null && !this.#abort.signal.aborted) this.#cancel()
    if (rest === 'parked') return this.#end('waiting')
    if (rest === 'left') return this.#end('not_mine')
    if (rest === 'ended') return this.#end(isEnded(journal.run) ? journal.run.state : 'failed')
    for (const piece of work) this.#launch(piece)
  }

  #launch(work: Work): void {
    this.#inFlight.add(keyOf(work))
    this.#doWork(work).catch((error: unknown) => this.#lose(work.kind, error))
  }

  #doWork(work: Work): Promise<void> {
    switch (work.kind) {
      case 'reply':
        return replyWork(this)
      case 'execute':
        return executeWork(this, work)
      case 'begin':
        return beginWork(this, work)
    }
  }

  #cancel(): void {
    const { runtime, limits } = this.deps
    this.#abort.abort(new CountersignError('cancelled', 'the run was cancelled'))
    this.#stopGrace = runtime.timer(limits.cancelGraceMs, () => {
      this.#isGraceOver = true
      void this.#unit('grace', async () => undefined, {})
    })
  }

  #scheduleRenewal(): void {
    const { runtime, limits } = this.deps
    this.#stopRenewal = runtime.timer(limits.leaseMs / 3, () => {
      if (this.#isOver) return
      void this.#unit('renew', async () => undefined, { reload: true }).then(() => {
        if (!this.#isOver) this.#scheduleRenewal()
      })
    })
  }

  /** A unit was refused or the store failed: whoever claims the run next reads what was committed. */
  #lose(during: string, error: unknown): void {
    if (this.#isOver) return
    const run = this.#journal.run.id
    if (!isCountersignError(error, 'conflict')) this.deps.runtime.log.error('run given up', { run, during, ...errorFacts(error) })
    this.#abort.abort(error)
    this.#end('not_mine')
  }

  #end(held: Held): void {
    this.#isOver = true
    this.#stopRenewal()
    this.#stopGrace()
    this.deps.runtime.log.debug('run let go', { run: this.#journal.run.id, status: held })
    this.#resolveEnded(held)
  }
}

interface UnitOptions {
  /** The key of the piece of work that this unit ends. */
  readonly finished?: string
  /** The turn that this unit ends. */
  readonly turn?: number
  /** Read the answers again if somebody woke the run; else nothing follows. */
  readonly reload?: boolean
  /** Nothing follows from this unit. */
  readonly only?: boolean
}

/** What was done is kept, and nothing follows from it here; with nothing more under way, the run is nobody's. */
async function leaveUnit({ transaction, journal }: RunUnit, inFlight: ReadonlySet<string>): Promise<Proceeding> {
  if (inFlight.size > 0) return { journal, work: [], rest: 'held' }
  const { id, owner, fence } = journal.run
  await transaction.update('runs', { id, owner, fence }, { owner: null, lease: 0 })
  return { journal, work: [], rest: 'left' }
}

function isEnded(run: RunRow): run is RunRow & { state: 'done' | 'failed' | 'cancelled' } {
  return run.state === 'done' || run.state === 'failed' || run.state === 'cancelled'
}

function keyOf(work: Work): string {
  if (work.kind === 'reply') return 'reply'
  return work.kind === 'execute' ? work.call.id : work.authorization.id
}
