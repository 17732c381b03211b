import type { AuthRequirement } from '../auth/auth-requirement.ts'
import { CountersignError, isCountersignError } from '../errors.ts'
import { checkQuestion } from '../interaction/check-question.ts'
import { type NewInteraction, questionDigest } from '../interaction/interactions.ts'
import type { Receipts } from '../interaction/receipts.ts'
import { shownText } from '../interaction/shown-text.ts'
import type { AnswerByKind, Asking, AskingByKind, Question } from '../protocol/interaction.ts'
import type { JsonValue } from '../protocol/json.ts'
import type { Fetch, Runtime } from '../runtime/runtime.ts'
import type { CallRow, InteractionRow, RunRow, StepRow } from '../store/rows.ts'
import type { ToolContext } from './tool.ts'

/** How often one call may ask and notify: more is a loop, and every entry passes all of them again. */
const MAX_QUESTIONS = 100

/** The longest word of progress, UTF-16 units: it is a line on the way, not a result. */
const MAX_PROGRESS = 1_000
/** How often one entry may say how far it is: each word is an event, and its run's log is kept whole while it goes on. */
const MAX_WORDS = 1_000

/** Why a call stopped inside its tool. */
export type Suspension =
  | { readonly kind: 'question'; readonly place: string; readonly question: Question }
  /** It waits for a question that is already asked. */
  | { readonly kind: 'asked' }
  | { readonly kind: 'authority'; readonly requirement: AuthRequirement; readonly again: string }

/** What a running call may write: each is one commit of the run's holder, and none is possible once the holder has lost the run. */
export interface CallJournal {
  loadSteps(): Promise<readonly StepRow[]>
  saveStep(name: string, value: JsonValue): Promise<void>
  notify(interaction: Pick<NewInteraction, 'place' | 'question'>): Promise<void>
  progress(text: string): void
}

/** One entry of one call. */
export interface CallEntry {
  readonly run: RunRow
  readonly call: CallRow
  /** The call's questions as they stood when it was entered. */
  readonly interactions: readonly InteractionRow[]
  readonly journal: CallJournal
  readonly runtime: Runtime
  /** By which an answer is known to be a person's. */
  readonly receipts: Receipts
  /** Aborts when the run is cancelled or lost. */
  readonly signal: AbortSignal
}

/** What an entry's context is made with. */
export interface ContextParts {
  readonly fetchFor: (context: CallContext) => Fetch
  /** Takes the tokens that went out so far out of what leaves the tool. */
  readonly redact: <T>(value: T) => T
}

/** The context handed to a tool's code. It remembers a suspension even when the tool's code swallows it. */
export class CallContext implements ToolContext {
  readonly principal
  readonly conversationId: string
  readonly runId: string
  readonly callId: string
  readonly idempotencyKey: string
  readonly signal: AbortSignal
  readonly #entry: CallEntry
  readonly #stop = new AbortController()
  readonly #parts: ContextParts
  #fetch: Fetch | undefined
  #steps: Promise<Map<string, JsonValue>> | undefined
  #asked = 0
  #words = 0
  #suspension: Suspension | undefined
  #ended = false

  constructor(entry: CallEntry, parts: ContextParts) {
    this.#entry = entry
    this.#parts = parts
    this.principal = entry.run.principal
    this.conversationId = entry.run.conversationId
    this.runId = entry.run.id
    this.callId = entry.call.id
    this.idempotencyKey = entry.call.id
    this.signal = AbortSignal.any([entry.signal, this.#stop.signal])
    // Tools take the context apart: `execute(input, { ask, step })`.
    this.ask = this.ask.bind(this)
    this.step = this.step.bind(this)
    this.progress = this.progress.bind(this)
  }

  get suspension(): Suspension | undefined {
    return this.#suspension
  }

  /** After this, everything of the context throws: code that goes on after its call has stopped can do no harm. */
  end(): void {
    this.#ended = true
    this.#stop.abort(new CountersignError('suspended', 'this call is over'))
  }

  assertLive(): void {
    if (this.#suspension || this.#ended)
      throw new CountersignError('suspended', 'this call has stopped; nothing of its context can be used any more')
    this.signal.throwIfAborted()
  }

  /** Stops the call here. */
  suspend(suspension: Suspension): never {
    this.#suspension ??= suspension
    const stop = new CountersignError('suspended', 'the call waits for a human')
    this.#stop.abort(stop)
    throw stop
  }

  readonly fetch: Fetch = async (input, init) => {
    this.assertLive()
    // One for the whole entry: it remembers what went out.
    this.#fetch ??= this.#parts.fetchFor(this)
    return this.#fetch(input, init)
  }

  async ask<K extends keyof AskingByKind>(asking: Asking<K>): Promise<AnswerByKind[K]> {
    this.assertLive()
    const question = this.#parts.redact(this.#checked(asking))
    const place = `ask:${(this.#asked += 1)}`
    if (this.#asked > MAX_QUESTIONS)
      throw new CountersignError('limit_exceeded', `call "${this.callId}" asks more than ${MAX_QUESTIONS} times`)
    const asked = this.#entry.interactions.find((row) => row.callId === this.callId && row.place === place)
    if (!asked && question.kind === 'notification') {
      await this.#entry.journal.notify({ place, question })
      return null as AnswerByKind[K]
    }
    if (!asked) return this.suspend({ kind: 'question', place, question })
    if (asked.digest !== questionDigest(this.#entry.runtime, question))
      throw new CountersignError('question_changed', `call "${this.callId}" asks something else at ${place} than before its wait`)
    if (asked.state === 'pending') return this.suspend({ kind: 'asked' })
    if (asked.response?.action === 'accept' && !this.#entry.receipts.hold(asked, question))
      throw new CountersignError('invalid_receipt', `the answer at ${place} of call "${this.callId}" cannot be verified`)
    // The answer was checked against this question before it was stored.
    return answerOf(asked) as AnswerByKind[K]
  }

  async step<T extends JsonValue>(name: string, work: () => Promise<T>): Promise<T> {
    this.assertLive()
    this.#steps ??= this.#entry.journal.loadSteps().then((rows) => new Map(rows.map((row) => [row.name, row.value])))
    const steps = await this.#steps
    // Kept under this name by this tool's own code.
    if (steps.has(name)) return steps.get(name) as T
    const value = this.#parts.redact(await work())
    this.assertLive()
    await this.#entry.journal.saveStep(name, value)
    // A holder that has lost its run keeps nothing.
    this.assertLive()
    steps.set(name, value)
    return value
  }

  /** Whoever wrote the tool is told what is wrong with its question; what it asks stays out of the log. */
  #checked(asking: unknown): Question {
    const { call, run, runtime } = this.#entry
    try {
      return checkQuestion(asking)
    } catch (error) {
      if (isCountersignError(error))
        runtime.log.warn('question refused', { tool: call.tool, run: run.id, call: call.id, why: error.message })
      throw error
    }
  }

  progress(text: string): void {
    this.assertLive()
    this.#words += 1
    if (this.#words > MAX_WORDS) return
    this.#entry.journal.progress(shownText(this.#parts.redact(text)).slice(0, MAX_PROGRESS))
  }
}

function answerOf({ question, state, response }: InteractionRow): JsonValue {
  if (state === 'answered') return response?.action === 'accept' ? response.answer : null
  if (state === 'declined') throw new CountersignError('access_denied', reasonOf(response))
  if (state === 'expired') throw new CountersignError('expired', question.expiredText ?? 'nobody answered in time')
  throw new CountersignError('cancelled', 'the question was cancelled')
}

function reasonOf(response: InteractionRow['response']): string {
  const reason = response?.action === 'decline' ? response.reason : undefined
  return reason === undefined ? 'the person declined' : `the person declined, and said: "${reason}"`
}
