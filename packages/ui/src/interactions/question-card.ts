import type { Me, Question } from '@countersign/core/protocol'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import type { BrowserRuntime } from '../client/browser-runtime.ts'
import type { AskedQuestion } from '../client/chat-state.ts'
import { scopeStyles } from '../auth/scope-list.ts'
import { announce } from '../elements/chat-events.ts'
import { FocusKeeper } from '../elements/focus-keeper.ts'
import { SecondTicker } from '../elements/second-ticker.ts'
import { countdownWords } from '../elements/time-words.ts'
import { icon } from '../icons.ts'
import { base } from '../theme.ts'
import { approvalStyles } from './approval-details.ts'
import { cardStyles } from './card-styles.ts'
import { decisionLine, decisionStyles } from './decision-line.ts'
import type { QuestionElement } from './question-element.ts'
import { questionKind } from './question-kinds.ts'

/** One question to the person: a card while it is open, one line of the record once it is closed. */
export class QuestionCard extends LitElement {
  static override styles = [base, scopeStyles, approvalStyles, cardStyles, decisionStyles]
  static override properties = {
    asked: { attribute: false },
    runtime: { attribute: false },
    origin: { attribute: false },
    viewer: { attribute: false },
  }

  declare asked: AskedQuestion
  declare runtime: BrowserRuntime
  declare origin: string
  /** Who reads the record. */
  declare viewer: Me['principal'] | null
  #controls: QuestionElement | null = null

  constructor() {
    super()
    this.viewer = null
    // A person who was in the card stays at its place when it becomes a line.
    new FocusKeeper(this, () => this.focus())
    new SecondTicker(this, () => this.asked.end === null)
  }

  get isOpen(): boolean {
    return this.asked.end === null
  }

  /** Takes the person to what is asked, never to a button. */
  override focus(): void {
    this.renderRoot.querySelector<HTMLElement>('h3, .line')?.focus()
  }

  /** Whether the person is taken to the heading is decided above. */
  override firstUpdated(): void {
    if (!this.asked.isLive || this.asked.end !== null) return
    announce(this, 'countersign-question-shown', { focus: () => this.focus() })
  }

  override render(): TemplateResult {
    const { end, view, responseId, refusal } = this.asked
    if (end !== null) return decisionLine(this.asked, end, { viewer: this.viewer, now: this.runtime.now() })
    const { title, text } = wordsOf(view.question)
    const problem = refusal ?? view.problem
    return html`<section aria-labelledby="heading">
      <header>
        ${icon(questionKind(view.question.kind).icon(view.question))}
        <h3 id="heading" tabindex="-1"><span dir="auto">${title}</span></h3>
        ${this.#deadline()}
      </header>
      ${view.again === undefined ? nothing : html`<p class="again" dir="auto">${view.again}</p>`}
      ${text === null ? nothing : html`<p class="text" dir="auto">${text}</p>`}
      ${problem === undefined ? nothing : html`<p class="problem" role="alert">${icon('failed')}<span dir="auto">${problem}</span></p>`}
      ${this.#body()} ${responseId === null ? nothing : html`<p class="muted" role="status">Sending…</p>`}
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

/** A question of more than this is a text to read, not a heading. */
const TITLE_LIMIT = 120

/** A short question is its own heading; a long one, or one whose controls say it all, has that of its kind. */
function wordsOf(question: Question): { readonly title: string; readonly text: string | null } {
  const kind = questionKind(question.kind)
  const { text } = question
  if (kind.isSelfExplaining || text === '') return { title: kind.heading(question), text: null }
  const isShort = text.length <= TITLE_LIMIT && !text.includes('\n') && !('approval' in question)
  return isShort ? { title: text, text: null } : { title: kind.heading(question), text }
}
