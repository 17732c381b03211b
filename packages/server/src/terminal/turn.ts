import type { InteractionState, InteractionView, JsonValue, LoggedEvent, RunEvent } from '@countersign/core'
import type { WaitProgress } from '@countersign/core/protocol'
import type { Stop, TurnEnd } from './exit-code.ts'
import { endMark, showQuestion } from './question-card.ts'
import { isPrompted } from './prompt.ts'
import { safeLine, safeJson } from './safe-text.ts'
import { type Screen, styled } from './screen.ts'

/** A question that is open, and how its wait goes. */
export interface OpenQuestion {
  readonly view: InteractionView
  readonly wait: WaitProgress | undefined
}

/** What a turn tells whoever works with the person. */
export interface TurnListener {
  /** A question opened, changed or ended: look at what is open. */
  onQuestions(): void
  /** What is being done now, in a few words; empty: nothing to be waited for. */
  onDoing(text: string): void
  /** @returns the address at which a sign-in starts, if it starts in a browser */
  addressFor(view: InteractionView): string | undefined
}

/** How the answer is shown: while it is written, before anybody knows that it is the last word; once it is; or not as text. */
export type AnswerDisplay = 'streamed' | 'whole' | 'nothing'

/** The longest arguments that are shown of a call on one line, characters. */
const MAX_INPUT = 100

/** One message and what comes of it, followed by its events: says what happens, keeps what is open, and knows how it ended. */
export class Turn {
  readonly open = new Map<string, OpenQuestion>()
  /** Questions answered by a prompt just now: what was chosen is still to be seen. */
  readonly answeredHere = new Set<string>()
  stop: Stop | undefined
  neededSomebody = false
  readonly #messageId: string
  readonly #screen: Screen
  readonly #listener: TurnListener
  readonly #shows: AnswerDisplay
  readonly #ends = new Map<string, Exclude<InteractionState, 'pending'>>()
  readonly #callOf = new Map<string, string>()
  #runId: string | undefined
  #streamed = ''
  #attempt = ''
  #answer = ''
  #finish: (end: TurnEnd) => void = () => undefined
  readonly ended: Promise<TurnEnd>

  constructor(about: { messageId: string; screen: Screen; shows: AnswerDisplay; listener: TurnListener }) {
    this.#messageId = about.messageId
    this.#screen = about.screen
    this.#shows = about.shows
    this.#listener = about.listener
    this.ended = new Promise((resolve) => {
      this.#finish = resolve
    })
  }

  /** Takes the next event of the conversation; those of other runs are not of this turn. */
  take({ event }: LoggedEvent): void {
    if (event.type === 'run-start' && event.messageId === this.#messageId) this.#runId = event.runId
    if (event.runId !== this.#runId) return
    switch (event.type) {
      case 'reply-start':
      case 'token-delta':
      case 'reply-end':
        return this.#reply(event)
      case 'tool-start':
      case 'tool-progress':
      case 'tool-end':
        return this.#tool(event)
      case 'interaction-open':
      case 'interaction-update':
      case 'interaction-close':
      case 'authorization-request':
      case 'authorization-wait':
        return this.#question(event)
      case 'run-end':
        return this.#end(event)
      case 'run-start':
      case 'tool-wait':
        return
    }
  }

  #reply(event: Extract<RunEvent, { type: 'reply-start' | 'token-delta' | 'reply-end' }>): void {
    const attempt = `${event.turn}.${event.attempt}`
    if (event.type === 'reply-start' || attempt !== this.#attempt) {
      this.#screen.endAnswer()
      this.#attempt = attempt
      this.#streamed = ''
    }
    if (event.type === 'reply-start') return this.#listener.onDoing('Thinking')
    if (event.type === 'token-delta') {
      if (this.#shows !== 'streamed') return
      this.#listener.onDoing('')
      this.#streamed += event.text
      return this.#screen.answer(event.text)
    }
    this.#answer = event.text
    if (this.#shows === 'streamed') {
      const isSame = event.text.startsWith(this.#streamed)
      this.#screen.answer(isSame ? event.text.slice(this.#streamed.length) : `\n${event.text}`)
      this.#screen.endAnswer()
    }
    this.#listener.onDoing('')
  }

  #tool(event: Extract<RunEvent, { type: 'tool-start' | 'tool-progress' | 'tool-end' }>): void {
    switch (event.type) {
      case 'tool-start': {
        const input = safeJson(event.input)
        const shown = input === '{}' ? '' : ` ${input.length > MAX_INPUT ? `${input.slice(0, MAX_INPUT)}…` : input}`
        this.#screen.say(styled('dim', '•'), styled('dim', `${event.tool}${shown}`))
        return this.#listener.onDoing(safeLine(event.tool))
      }
      case 'tool-progress':
        return this.#screen.say(styled('dim', ' '), styled('dim', event.text))
      case 'tool-end':
        if (event.status !== 'ok') this.#screen.say(endMark(false), `${event.tool}: ${wordsOf(event.output)}`)
        return this.#listener.onDoing('')
    }
  }

  #question(event: Extract<RunEvent, { type: `interaction-${string}` | `authorization-${string}` }>): void {
    switch (event.type) {
      case 'authorization-request':
        return this.#listener.onDoing(`Asking ${safeLine(event.host)}`)
      case 'authorization-wait':
        return this.#wait(event.interactionId, event.wait)
      case 'interaction-open':
        return this.#opened(event.interaction)
      case 'interaction-update':
        return this.#updated(event.interaction)
      case 'interaction-close':
        return this.#closed(event)
    }
  }

  #opened(view: InteractionView): void {
    const isOpen = view.state === 'pending'
    showQuestion(this.#screen, view, isOpen ? this.#listener.addressFor(view) : undefined)
    if (!isOpen) return
    this.#callOf.set(view.id, view.callId ?? view.id)
    this.open.set(view.id, { view, wait: undefined })
    this.#listener.onQuestions()
  }

  #updated(view: InteractionView): void {
    if (view.problem !== undefined) this.#screen.say(styled('yellow', '!'), view.problem)
    this.open.set(view.id, { view, wait: this.open.get(view.id)?.wait })
    this.#listener.onQuestions()
  }

  #wait(id: string, wait: WaitProgress): void {
    const asked = this.open.get(id)
    if (!asked) return
    const wasPhase = asked.wait?.phase ?? 'waiting'
    this.open.set(id, { ...asked, wait })
    // Where a line can be drawn over it says so itself.
    if (!this.#screen.isLive && wait.phase !== wasPhase) this.#screen.say(styled('yellow', '!'), phaseWords[wait.phase])
  }

  #closed({ interactionId, state, sentence, by }: Extract<RunEvent, { type: 'interaction-close' }>): void {
    const view = this.open.get(interactionId)?.view
    this.open.delete(interactionId)
    if (!(state === 'cancelled' && by === 'system')) this.#ends.set(this.#callOf.get(interactionId) ?? interactionId, state)
    this.#listener.onQuestions()
    const isSeen = state === 'answered' && this.answeredHere.delete(interactionId) && view !== undefined && isPrompted(view.question)
    if (!isSeen) this.#screen.say(endMark(state === 'answered'), sentence)
  }

  #end({ state, sentence }: Extract<RunEvent, { type: 'run-end' }>): void {
    this.#listener.onDoing('')
    if (state === 'done' && this.#shows === 'whole') {
      this.#screen.answer(this.#answer)
      this.#screen.endAnswer()
    }
    if (sentence !== undefined) this.#screen.say(endMark(state === 'done'), sentence)
    const { stop, neededSomebody } = this
    this.#finish({ state, stop, neededSomebody, questions: [...this.#ends.values()] })
  }
}

const phaseWords = {
  waiting: 'The server answers again; it still waits.',
  slowed_down: 'The server wants to be asked less often.',
  unreachable: 'The server did not answer; it is asked again.',
} as const satisfies Record<WaitProgress['phase'], string>

/** The sentence of a call that did not succeed. */
function wordsOf(output: JsonValue): string {
  if (typeof output === 'string') return output
  const message = typeof output === 'object' && output !== null && 'message' in output ? output.message : undefined
  return typeof message === 'string' ? message : safeJson(output)
}
