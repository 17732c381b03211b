import { html, LitElement, nothing, type TemplateResult } from 'lit'
import type { BrowserRuntime } from '../client/browser-runtime.ts'
import type { AskedQuestion, QuestionEnd } from '../client/chat-state.ts'
import { announce } from '../elements/chat-events.ts'
import { SecondTicker } from '../elements/second-ticker.ts'
import { clockTime, countdownWords } from '../elements/time-words.ts'
import { icon, type IconName } from '../icons.ts'
import { base } from '../theme.ts'
import type { QuestionElement } from './question-element.ts'
import { cardStyles } from './card-styles.ts'
import { questionKind } from './question-kinds.ts'

/** One question to the person: a card while it is open, one line of the record once it is closed. */
export class QuestionCard extends LitElement {
  static override styles = [base, cardStyles]
  static override properties = { asked: { attribute: false }, runtime: { attribute: false }, origin: { attribute: false } }

  declare asked: AskedQuestion
  declare runtime: BrowserRuntime
  declare origin: string
  #controls: QuestionElement | null = null
  #wasSending = false
  #keepsFocus = false

  constructor() {
    super()
    new SecondTicker(this, () => this.asked.end === null)
  }

  /** Whether the person is taken to the heading is decided above; never to a button. */
  override firstUpdated(): void {
    if (!this.asked.isLive || this.asked.end !== null) return
    announce(this, 'countersign-question-shown', { focus: () => this.renderRoot.querySelector('h3')?.focus() })
  }

  /** A person who was in the card stays at its place when it becomes a line. */
  override willUpdate(): void {
    const { end, isSending } = this.asked
    const isLeftAlone = document.activeElement === document.body && this.#wasSending
    this.#keepsFocus = end !== null && this.#controls !== null && (isLeftAlone || this.matches(':focus-within'))
    if (end !== null) this.#controls = null
    this.#wasSending = isSending
  }

  override updated(): void {
    if (this.#keepsFocus) this.renderRoot.querySelector<HTMLElement>('.closed')?.focus()
  }

  override render(): TemplateResult {
    const { end, view, isSending } = this.asked
    if (end !== null) return closedLine(end, view.question.kind === 'notification' ? 'info' : END_ICON[end.state])
    const kind = questionKind(view.question.kind)
    return html`<section aria-labelledby="heading">
      <header>
        ${icon(kind.icon)}
        <h3 id="heading" tabindex="-1">${kind.heading(view.question)}</h3>
        ${this.#deadline()}
      </header>
      ${view.again === undefined ? nothing : html`<p class="again">${view.again}</p>`}
      ${kind.isSelfExplaining || view.question.text === '' ? nothing : html`<p class="text">${view.question.text}</p>`}
      ${view.problem === undefined ? nothing : html`<p class="problem" role="alert">${icon('failed')}<span>${view.problem}</span></p>`}
      ${this.#body()} ${isSending ? html`<p class="muted" role="status">Sending your answer…</p>` : nothing}
    </section>`
  }

  #body(): QuestionElement {
    const { element: Controls } = questionKind(this.asked.view.question.kind)
    this.#controls ??= new Controls()
    this.#controls.asked = this.asked
    this.#controls.runtime = this.runtime
    this.#controls.origin = this.origin
    return this.#controls
  }

  #deadline(): TemplateResult {
    const leftMs = this.asked.view.expiresAt - this.runtime.now()
    const words = leftMs > 0 ? html`<span class="visually-hidden">Time left:</span> ${countdownWords(leftMs)}` : 'Time is up'
    return html`<span class="deadline ${leftMs < 60_000 ? 'soon' : ''}" role="timer" aria-live="off"
      >${icon('clock')}<span>${words}</span></span
    >`
  }
}

const END_ICON: Readonly<Record<QuestionEnd['state'], IconName>> = {
  answered: 'ok',
  declined: 'refused',
  cancelled: 'cancelled',
  expired: 'clock',
  failed: 'failed',
}

function closedLine({ state, sentence, at }: QuestionEnd, name: IconName): TemplateResult {
  return html`<p class="closed ${state}" tabindex="-1">
    ${icon(name)}<span>${sentence} <time class="muted" datetime=${new Date(at).toISOString()}>${clockTime(at)}</time></span>
  </p>`
}
