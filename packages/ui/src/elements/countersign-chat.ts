import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { browserRuntime, type BrowserRuntime } from '../client/browser-runtime.ts'
import { ChatController } from '../client/chat-controller.ts'
import { isBusy, openQuestions, type ChatState } from '../client/chat-state.ts'
import { serverAddress } from '../client/server-address.ts'
import { recallTheme, rememberTheme, type ThemeChoice } from '../client/theme-choice.ts'
import { base, tokens } from '../theme.ts'
import { announcement } from './announcement.ts'
import { hear } from './chat-events.ts'
import { chatStyles } from './chat-styles.ts'
import { isTyping } from './is-typing.ts'
import type { MessageList } from './message-list.ts'

/**
 * A whole chat with a Countersign server: the one element to embed.
 *
 * Attributes: `url`, the server's base address (absent: the page's origin); `heading` (absent: the workflow's title); `theme` (`system`, `light` or `dark`).
 */
export class CountersignChat extends LitElement {
  static override styles = [base, tokens, chatStyles]
  static override properties = {
    url: { type: String },
    heading: { type: String },
    theme: { type: String, reflect: true },
    runtime: { attribute: false },
  }

  declare url: string
  declare heading: string
  declare theme: ThemeChoice
  /** The outside world; to be replaced before the element is connected, if at all. */
  declare runtime: BrowserRuntime
  readonly #chat = new ChatController(this)
  #announced: ChatState = this.#chat.state
  #announcement = ''

  constructor() {
    super()
    this.url = ''
    this.heading = ''
    this.theme = 'system'
    this.runtime = browserRuntime()
    hear('countersign-say', this, ({ text }) => this.#say(text))
    hear('countersign-stop', this, () => this.#chat.stop())
    hear('countersign-retry', this, () => this.#chat.retryNow())
    hear('countersign-new-conversation', this, () => this.#chat.newConversation())
    hear('countersign-respond', this, ({ interactionId, response }) => this.#chat.respond(interactionId, response))
    hear('countersign-question-shown', this, ({ focus }) => isTyping() || focus())
    hear('countersign-theme', this, ({ theme }) => this.#chooseTheme(theme))
  }

  override connectedCallback(): void {
    super.connectedCallback()
    if (!this.hasAttribute('theme')) this.theme = recallTheme(this.runtime)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.runtime.showCount(0)
  }

  override willUpdate(): void {
    const { state } = this.#chat
    this.#announcement = announcement(this.#announced, state) ?? this.#announcement
    this.#announced = state
  }

  override render(): TemplateResult {
    const { state, status, me } = this.#chat
    return html`<countersign-header
        .heading=${this.heading || (me?.workflow.name ?? 'Countersign')}
        .me=${me}
        .theme=${this.theme}
      ></countersign-header>
      <countersign-messages .turns=${state.turns} .isBusy=${isBusy(state)} .runtime=${this.runtime} .origin=${this.#origin}>
        ${state.turns.length === 0 && state.isCaughtUp ? html`<countersign-welcome .me=${me}></countersign-welcome>` : nothing}
      </countersign-messages>
      <footer>
        ${state.complaint === null ? nothing : html`<countersign-notice .tone=${'failed'} .text=${state.complaint}></countersign-notice>`}
        <countersign-composer .isBusy=${isBusy(state)} .isStopping=${state.turns.some((turn) => turn.isStopping)}></countersign-composer>
        <countersign-connection .status=${status} .runtime=${this.runtime}></countersign-connection>
      </footer>
      <div class="visually-hidden" role="status">${this.#announcement}</div>`
  }

  override updated(): void {
    this.runtime.showCount(openQuestions(this.#chat.state).length)
  }

  get #origin(): string {
    return serverAddress(this.url, this.runtime.origin).origin
  }

  #say(text: string): void {
    this.#chat.say(text)
    this.renderRoot.querySelector<MessageList>('countersign-messages')?.followEnd()
  }

  #chooseTheme(theme: ThemeChoice): void {
    this.theme = theme
    rememberTheme(this.runtime, theme)
  }
}
