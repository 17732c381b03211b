import type { InteractionKind, InteractionView, LoggedEvent, RunEvent } from '@countersign/core'
import type { NatFrame } from '@countersign/core/protocol'
import {
  type Stamp,
  type Step,
  completeFrame,
  errorFrame,
  jsonBlock,
  plainMarkdown,
  promptFrame,
  stepFrame,
  textFrame,
} from './nat-frame.ts'
import { natPrompt } from './nat-prompt.ts'
import { noteStep, questionStep } from './nat-question-step.ts'
import { QuestionLine } from './question-line.ts'

/** What NAT's clients ask for with `schema_type`: deltas, or the whole answer. */
export type NatMode = 'stream' | 'whole'

/** What an encoder needs to know of its client. */
export interface NatClientTraits {
  readonly newId: () => string
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Whether it may be NAT's own UI: an open question fills its screen until another takes its place. */
  readonly isNatUi: boolean
  /** The kinds of question in whose place it gets others. */
  readonly replaced: readonly InteractionKind[]
}

interface Reply {
  readonly attempt: number
  readonly sent: string
}

type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>

/**
 * Run events as NAT's frames, for one conversation and one client. NAT's clients put deltas together as they come, so those of a reply that
 * was taken over are held back until its end; they show one question at a time; and any `complete` ends what they wait for.
 */
export class NatEncoder {
  readonly line = new QuestionLine()
  mode: NatMode = 'stream'
  /** While it catches up on what the client missed, questions may already be over: they are shown by `questions` afterwards. */
  isCatchingUp = false
  readonly #conversationId: string
  readonly #client: NatClientTraits
  /** Runs that have not ended → the ids of their messages. */
  readonly #running = new Map<string, string>()
  /** Ends of runs that a newer message replaced: before the newer one's own end they would be taken for it. */
  readonly #owed: NatFrame[] = []
  /** The steps of calls that are under way. */
  readonly #calls = new Map<string, Step>()
  /** How far the client has been told of the conversation. */
  #seq: number
  #reply: Reply | undefined
  /** Whether the newest message was answered with anything: NAT's UI shows no error that stands alone. */
  #isAnswered = false

  constructor(conversationId: string, seq: number, client: NatClientTraits) {
    this.#conversationId = conversationId
    this.#seq = seq
    this.#client = client
  }

  /** Tells of a run that began before this client came. */
  knowRun(runId: string, messageId: string): void {
    this.#running.set(runId, messageId)
  }

  encode(logged: LoggedEvent): readonly NatFrame[] {
    const frames = this.#encode(logged)
    if (frames.some(({ type }) => type === 'system_intermediate_message' || type === 'system_response_message')) this.#isAnswered = true
    return frames
  }

  /** The ends of the runs it knew that are not among these: they happened unseen. */
  endsWithout(running: readonly string[]): readonly NatFrame[] {
    const over = [...this.#running].filter(([runId]) => !running.includes(runId))
    for (const [runId] of over) this.#running.delete(runId)
    const { now, newId } = this.#client
    return over.map(([, parentId]) => completeFrame({ conversationId: this.#conversationId, parentId, at: now(), seq: this.#seq }, newId()))
  }

  /** What is open and shown, once more, with the time that is left. @param id only this one */
  questions(id?: string): readonly NatFrame[] {
    return this.#prompts(this.line.shown.filter((view) => id === undefined || view.id === id))
  }

  #encode(logged: LoggedEvent): readonly NatFrame[] {
    const { event } = logged
    this.#seq = logged.seq
    const stamp = this.#stamp(logged)
    switch (event.type) {
      case 'run-start':
        this.knowRun(event.runId, event.messageId)
        this.#isAnswered = false
        return []
      case 'reply-start':
        this.#reply = { attempt: event.attempt, sent: this.#reply?.sent ?? '' }
        return []
      case 'token-delta':
        return this.#delta(stamp, event)
      case 'reply-end':
        return this.#replyEnd(stamp, event)
      case 'tool-start':
      case 'tool-progress':
      case 'tool-end':
        return this.#call(stamp, event)
      case 'interaction-open':
      case 'interaction-update':
      case 'interaction-close':
        return this.#question(stamp, event)
      case 'run-end':
        return this.#end(stamp, event)
      // The step of the question says what is waited for; when it is asked about next is for clients that count.
      case 'authorization-request':
      case 'authorization-wait':
      case 'tool-wait':
        return []
    }
  }

  #delta(stamp: Stamp, { attempt, text }: EventOf<'token-delta'>): readonly NatFrame[] {
    const reply = this.#reply
    const isTakenOver = reply !== undefined && reply.sent !== '' && reply.attempt !== attempt
    if (this.mode === 'whole' || reply === undefined || isTakenOver || attempt > 1) return []
    this.#reply = { attempt, sent: reply.sent + text }
    return [textFrame(stamp, this.#client.newId(), text)]
  }

  #replyEnd(stamp: Stamp, { text }: EventOf<'reply-end'>): readonly NatFrame[] {
    const sent = this.#reply?.sent ?? ''
    this.#reply = undefined
    const rest = text.startsWith(sent) ? text.slice(sent.length) : `\n\n${text}`
    return rest === '' ? [] : [textFrame(stamp, this.#client.newId(), rest)]
  }

  /** One step for each call: what went in, then what it says on the way, then what came out. */
  #call(stamp: Stamp, event: EventOf<'tool-start' | 'tool-progress' | 'tool-end'>): readonly NatFrame[] {
    const { callId: id } = event
    const begun = this.#calls.get(id)
    switch (event.type) {
      case 'tool-start': {
        const step = { id, name: `Tool: ${event.tool}`, payload: jsonBlock('Input', event.input) }
        this.#calls.set(id, step)
        return [stepFrame(stamp, step)]
      }
      case 'tool-progress':
        return begun ? [stepFrame(stamp, { ...begun, payload: `${begun.payload}\n\n${plainMarkdown(event.text)}` })] : []
      case 'tool-end': {
        this.#calls.delete(id)
        // Of a call that began before the client came, only what came out is known.
        const payload = [...(begun ? [begun.payload] : []), jsonBlock('Output', event.output)].join('\n\n')
        return [stepFrame(stamp, { id, name: `Tool: ${event.tool}`, payload })]
      }
    }
  }

  #question(stamp: Stamp, event: EventOf<'interaction-open' | 'interaction-update' | 'interaction-close'>): readonly NatFrame[] {
    switch (event.type) {
      case 'interaction-open': {
        const next = this.line.open(event.interaction)
        return [stepFrame(stamp, questionStep(event.interaction)), ...this.#prompts(next)]
      }
      case 'interaction-update':
        this.line.update(event.interaction)
        return [stepFrame(stamp, questionStep(event.interaction))]
      case 'interaction-close':
        return this.#closed(stamp, event)
    }
  }

  #closed(stamp: Stamp, { interactionId, state, sentence }: EventOf<'interaction-close'>): readonly NatFrame[] {
    const view = this.line.get(interactionId)
    if (!view) return []
    const { wasOnScreen, next } = this.line.close(interactionId, this.#client.now())
    const prompts = this.#prompts(next)
    const record = stepFrame(stamp, questionStep(view, sentence))
    // NAT's UI takes an expired question off its screen by itself, any other when something takes its place.
    const isLeftOver = this.#client.isNatUi && wasOnScreen && state !== 'expired' && prompts.length === 0 && !this.isCatchingUp
    if (!isLeftOver) return [record, ...prompts]
    return [record, promptFrame(stamp, interactionId, { text: sentence, timeout: null, error: sentence, input_type: 'notification' })]
  }

  #end(stamp: Stamp, event: EventOf<'run-end'>): readonly NatFrame[] {
    this.#reply = undefined
    this.#running.delete(event.runId)
    const said = this.#lastWord(stamp, event)
    const complete = completeFrame(stamp, this.#client.newId())
    if (this.#running.size === 0) return [...said, ...this.#owed.splice(0), complete]
    this.#owed.push(complete)
    return said
  }

  #lastWord(stamp: Stamp, { runId, state, sentence }: EventOf<'run-end'>): readonly NatFrame[] {
    if (state === 'done') return []
    if (state === 'cancelled') return [stepFrame(stamp, noteStep(runId, 'Stopped', sentence ?? 'Stopped.'))]
    const details = sentence ?? 'The run failed.'
    const error = errorFrame(stamp, this.#client.newId(), { code: 'workflow_error', message: 'WorkflowError', details })
    return this.#isAnswered ? [error] : [stepFrame(stamp, noteStep(runId, 'Failed', details)), error]
  }

  #prompts(views: readonly InteractionView[]): readonly NatFrame[] {
    if (this.isCatchingUp) return []
    const { now, replaced } = this.#client
    return views.map((view) => {
      const stamp = { conversationId: this.#conversationId, parentId: this.#messageOf(view.runId), at: now(), seq: this.#seq }
      return promptFrame(stamp, view.id, natPrompt(view, now(), replaced))
    })
  }

  #stamp({ event: { runId }, at, seq }: LoggedEvent): Stamp {
    return { conversationId: this.#conversationId, parentId: this.#messageOf(runId), at, seq }
  }

  #messageOf(runId: string): string {
    return this.#running.get(runId) ?? 'default'
  }
}
