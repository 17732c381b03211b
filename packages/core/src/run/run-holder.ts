import { transactOn } from '../audit/ledger.ts'
import { CountersignError, isCountersignError } from '../errors.ts'
import { type Journal, draftOf } from '../store/journal.ts'
import type { RunRow } from '../store/rows.ts'
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
    const { runtime, limits } = deps
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
      let journal = draftOf(this.#journal)
      journal.run = { ...held, wake: this.#journal.run.wake }
      const unit = { transaction, ledger, runtime }
      await record({ ...unit, journal })
      if (only) return { journal, work: [], rest: 'held' } satisfies Proceeding
      if (reload) {
        if (!wasWoken) return { journal, work: [], rest: 'held' } satisfies Proceeding
        journal = await reloadAnswers(transaction, journal)
      }
      if (isEnded(journal.run)) return { journal, work: [], rest: 'ended' } satisfies Proceeding
      return proceed({ ...unit, journal, workflow, limits, inFlight, isGraceOver: this.#isGraceOver })
    })
    if (finished !== undefined) this.#inFlight.delete(finished)
    this.#goOn(next)
  }

  /** After a commit: takes over what it left, and starts the work that follows. */
  #goOn({ journal, work, rest }: Proceeding): void {
    this.#journal = journal
    if (journal.run.cancel !== null && !this.#abort.signal.aborted) this.#cancel()
    if (rest === 'parked') return this.#end('waiting')
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
    const code = isCountersignError(error) ? error.code : 'unexpected'
    if (code !== 'conflict') this.deps.runtime.log.error('run given up', { run: this.#journal.run.id, during, code, error: String(error) })
    this.#abort.abort(error)
    this.#end('not_mine')
  }

  #end(held: Held): void {
    this.#isOver = true
    this.#stopRenewal()
    this.#stopGrace()
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

function isEnded(run: RunRow): run is RunRow & { state: 'done' | 'failed' | 'cancelled' } {
  return run.state === 'done' || run.state === 'failed' || run.state === 'cancelled'
}

function keyOf(work: Work): string {
  if (work.kind === 'reply') return 'reply'
  return work.kind === 'execute' ? work.call.id : work.authorization.id
}
