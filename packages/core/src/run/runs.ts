import { Ledger, transactOn } from '../audit/ledger.ts'
import { receivePing } from '../auth/pings.ts'
import { CountersignError, isCountersignError } from '../errors.ts'
import { type Visitor, mayAnswer } from '../interaction/asker.ts'
import { checkAnswer } from '../interaction/check-answer.ts'
import type { InteractionResponse, InteractionState } from '../protocol/interaction.ts'
import { digestText } from '../runtime/digest.ts'
import { errorFacts } from '../runtime/error-facts.ts'
import { loadJournal } from '../store/journal.ts'
import type { Transaction } from '../store/store.ts'
import { cancelActive } from './cancel-run.ts'
import { type ClaimedRun, claimDue } from './claim-due.ts'
import { expireDue } from './expire-due.ts'
import { Polls } from './polls.ts'
import { type Proceeding, proceed } from './proceed.ts'
import type { RunDeps } from './run-deps.ts'
import type { Held } from './holding.ts'
import { RunHolder } from './run-holder.ts'
import { settleAnswer, tooSoonToResend } from './settle-answer.ts'
import { type StartRequest, startRun } from './start-run.ts'
import type { Workflow } from './workflow.ts'

/** What became of an answer. `earlier` tells a late one what was decided; nothing changed. */
export type AnswerOutcome =
  | { readonly outcome: 'settled' }
  | { readonly outcome: 'earlier'; readonly state: InteractionState }
  | { readonly outcome: 'invalid'; readonly problem: string }
  /** Unknown, or somebody else's: not told apart. */
  | { readonly outcome: 'not_found' }

/** A run to be claimed; with the fence of a claim that this process has made already. */
interface Wanted {
  readonly id: string
  readonly fence?: number
}

/** A run that this process has claimed in a unit, to be held once the unit is committed. */
interface Claimed {
  readonly workflow: Workflow
  readonly first: Proceeding
}

/** Starts, continues and ends runs in this process. Everything it knows is in the rows: any other process could go on in its place. */
export class Runs {
  readonly #deps: RunDeps
  readonly #holders = new Map<string, RunHolder>()
  /** Runs that a unit of this process has claimed and whose holder is about to be made. */
  readonly #claimed = new Set<string>()
  readonly #polls: Polls
  readonly #stopListening: () => void
  #isStopped = false

  constructor(deps: RunDeps) {
    this.#deps = deps
    this.#polls = new Polls(deps)
    this.#stopListening = deps.store.subscribe('run', (id) => this.#hint(id))
  }

  /**
   * Starts a run for a person's message. The same message sent twice starts one; a newer one cancels what runs.
   * @throws CountersignError `not_found` when the conversation is somebody else's, or the workflow unknown; `temporarily_unavailable` after `stop`
   */
  async start(request: StartRequest): Promise<{ readonly runId: string }> {
    try {
      return await this.#start(request)
    } catch (error) {
      if (!isCountersignError(error, 'conflict')) throw error
      const { conversationId, messageId } = request
      const same = await this.#deps.store.transact('same-message', (transaction) => transaction.get('runs', { conversationId, messageId }))
      if (!same) throw error
      return { runId: same.id }
    }
  }

  async #start(request: StartRequest): Promise<{ readonly runId: string }> {
    if (this.#isStopped) throw new CountersignError('temporarily_unavailable', 'the server stops and starts nothing more')
    const workflow = this.#deps.workflow(request.workflow)
    const conversationId = request.conversationId
    const started = await transactOn(this.#deps, { name: 'start', conversationId }, async (transaction, ledger) => {
      const { run, messages, cancelled } = await startRun({ transaction, ledger, deps: this.#deps, workflow, request })
      if (cancelled) return { runId: run.id, claimed: await this.#claim(transaction, ledger, { id: cancelled.id }) }
      const journal = { run, messages: [...messages], calls: [], interactions: [], authorizations: [] }
      return { runId: run.id, claimed: { workflow, first: await this.#proceed(transaction, ledger, { journal, workflow }) } }
    })
    const { runtime } = this.#deps
    // The conversation by its digest: its name is the client's own.
    runtime.log.debug('run started', {
      run: started.runId,
      workflow: workflow.name,
      conversation: digestText(runtime, conversationId).slice(0, 12),
    })
    this.#hold(started.claimed)
    return { runId: started.runId }
  }

  /** Answers a question, once. The run goes on in the same commit when this process can have it. */
  async answer(interactionId: string, response: InteractionResponse, visitor: Visitor): Promise<AnswerOutcome> {
    const { answer, claimed } = await this.#deps.store.transact('answer', (transaction) =>
      this.#answer(transaction, { interactionId, response, visitor }),
    )
    this.#hold(claimed)
    return answer
  }

  async #answer(
    transaction: Transaction,
    { interactionId, response, visitor }: { interactionId: string; response: InteractionResponse; visitor: Visitor },
  ): Promise<{ readonly answer: AnswerOutcome; readonly claimed?: Claimed | undefined }> {
    const asked = await transaction.get('interactions', { id: interactionId })
    if (!asked || !mayAnswer(asked, visitor)) return { answer: { outcome: 'not_found' } }
    await transaction.lock(asked.conversationId)
    if (asked.state !== 'pending') return { answer: { outcome: 'earlier', state: asked.state } }
    const checked = checkAnswer(asked.question, response)
    if (!checked.ok) return { answer: { outcome: 'invalid', problem: checked.problem } }
    const ledger = new Ledger(this.#deps.runtime, asked.conversationId)
    const problem = checked.response.action === 'resend' ? await tooSoonToResend(transaction, this.#deps, asked) : undefined
    if (problem !== undefined) return { answer: { outcome: 'invalid', problem } }
    if (!(await settleAnswer({ transaction, ledger, deps: this.#deps }, { interaction: asked, response: checked.response, visitor }))) {
      const now = await transaction.get('interactions', { id: interactionId })
      return { answer: { outcome: 'earlier', state: now?.state ?? 'cancelled' } }
    }
    const claimed = await this.#claim(transaction, ledger, { id: asked.runId })
    await ledger.write(transaction)
    return { answer: { outcome: 'settled' }, claimed }
  }

  /**
   * Stops the run of a conversation. What was executing is waited for a little; its result is kept.
   * @param runId only that one: a newer message may have begun another meanwhile
   * @returns whether there was one
   */
  async cancel(conversationId: string, visitor: Visitor, runId?: string): Promise<boolean> {
    return transactOn(this.#deps, { name: 'cancel', conversationId }, (transaction, ledger) =>
      cancelActive({ transaction, ledger, deps: this.#deps, conversationId, visitor, runId }),
    )
  }

  /** Continues a run as far as it goes now. The same call starts, resumes and recovers. */
  async advance(runId: string): Promise<Held> {
    const holder = await this.#takeUp(runId)
    return holder?.ended ?? 'not_mine'
  }

  /** Takes up everything whose time has come: expired questions, authorizations to be polled or of unknown outcome, runs whose holder died. Does not wait for what it took up. */
  async tick(): Promise<void> {
    await expireDue(this.#deps)
    if (this.#isStopped) return
    await this.#polls.takeDue()
    const claimed = await claimDue(this.#deps, (id) => this.#holders.has(id) || this.#claimed.has(id))
    await Promise.all(claimed.map((run) => this.#takeUpSafely(run.id, run)))
  }

  /** An authorization server says that there is news of a request. What is not known, or not proven, changes nothing and is not told apart. */
  async ping(news: { readonly requestId: string; readonly token: string }): Promise<void> {
    if ((await receivePing(this.#deps, news)) && !this.#isStopped) await this.#polls.takeDue()
  }

  /** Where nobody else can hold anything (a locked database file): what a dead process held is free at once. */
  async releaseAll(): Promise<void> {
    await this.#deps.store.transact('release', async (transaction) => {
      await transaction.update('runs', { state: 'ready' }, { lease: 0 })
      await transaction.update('authorizations', { state: 'exchanging' }, { exchangeUntil: 0 })
      await transaction.update('credentials', { refreshUntil: { above: 0 } }, { refreshUntil: 1 })
    })
  }

  /**
   * Ends this process's part: nothing new is begun. What is under way may end within the grace, and its result is kept; a call that does not is given up and
   * found `executing` by the next holder of its run.
   * @returns how many runs had to be given up
   */
  async stop(graceMs: number): Promise<number> {
    this.#isStopped = true
    this.#stopListening()
    for (const holder of this.#holders.values()) holder.leave()
    const held = Promise.all([
      ...[...this.#holders.values()].map((holder) => holder.ended),
      this.#deps.vault.settled(),
      this.#polls.settled(),
    ])
    const enough = new AbortController()
    await Promise.race([held, this.#deps.runtime.sleep(graceMs, enough.signal)])
    // A grace that nobody needs any more would hold the process open.
    enough.abort()
    const left = [...this.#holders.values()]
    for (const holder of left) holder.abandon()
    return left.length
  }

  /** The runs that this process holds now. */
  get heldCount(): number {
    return this.#holders.size
  }

  /** One update: ready, and nobody's lease is live, or it is ours already. Whoever loses goes away. */
  async #claim(transaction: Transaction, ledger: Ledger, { id, fence }: Wanted): Promise<Claimed | undefined> {
    if (this.#isStopped) return undefined
    const { owner, limits } = this.#deps
    const lease = transaction.now + limits.leaseMs
    const run =
      fence === undefined
        ? await transaction.updateOne(
            'runs',
            { id, state: 'ready', lease: { atMost: transaction.now } },
            { owner, lease, fence: { add: 1 } },
          )
        : await transaction.updateOne('runs', { id, state: 'ready', owner, fence }, { lease })
    if (!run) return undefined
    transaction.after(() => this.#claimed.add(id))
    const workflow = this.#deps.workflow(run.workflow)
    const { maxHistory, providers } = workflow
    const journal = await loadJournal(transaction, run, { maxHistory, hasProviders: providers.size > 0 })
    return { workflow, first: await this.#proceed(transaction, ledger, { journal, workflow }) }
  }

  #proceed(transaction: Transaction, ledger: Ledger, at: { journal: Proceeding['journal']; workflow: Workflow }): Promise<Proceeding> {
    const { runtime, limits, receipts } = this.#deps
    return proceed({ ...at, transaction, ledger, runtime, limits, receipts, inFlight: new Set() })
  }

  #hold(claimed: Claimed | undefined): RunHolder | undefined {
    if (!claimed) return undefined
    const { id } = claimed.first.journal.run
    const holder = new RunHolder(this.#deps, claimed.workflow, claimed.first)
    this.#claimed.delete(id)
    this.#holders.set(id, holder)
    void holder.ended.then(() => this.#holders.get(id) === holder && this.#holders.delete(id))
    return holder
  }

  /** A committed unit says that a run may go on. A lost hint costs a tick, never an answer. */
  #hint(runId: string): void {
    const holder = this.#holders.get(runId)
    if (this.#claimed.has(runId)) return
    if (holder) holder.poke()
    else if (!this.#isStopped) void this.#takeUpSafely(runId)
  }

  async #takeUp(runId: string, ours?: ClaimedRun): Promise<RunHolder | undefined> {
    const claimed = await this.#deps.store.transact('claim', async (transaction) => {
      const row = ours ?? (await transaction.get('runs', { id: runId }))
      if (!row) return undefined
      await transaction.lock(row.conversationId)
      const ledger = new Ledger(this.#deps.runtime, row.conversationId)
      const mine = await this.#claim(transaction, ledger, { id: runId, ...(ours && { fence: ours.fence }) })
      await ledger.write(transaction)
      return mine
    })
    return this.#hold(claimed)
  }

  async #takeUpSafely(runId: string, ours?: ClaimedRun): Promise<void> {
    try {
      await this.#takeUp(runId, ours)
    } catch (error) {
      this.#deps.runtime.log.error('run could not be taken up', { run: runId, ...errorFacts(error) })
    }
  }
}
