import { html, LitElement, nothing, type TemplateResult } from 'lit'
import type { AccountPanel } from '../account/account-panel.ts'
import { AccountController } from '../client/account-controller.ts'
import type { AccountChange } from '../client/account-state.ts'
import { browserRuntime, type BrowserRuntime } from '../client/browser-runtime.ts'
import { ChatController } from '../client/chat-controller.ts'
import { isBusy, openQuestions, type ChatState } from '../client/chat-state.ts'
import { serverAddress } from '../client/server-address.ts'
import type { Refusal } from '../client/socket.ts'
import { recallTheme, rememberTheme, type ThemeChoice } from '../client/theme-choice.ts'
import { base, tokens } from '../theme.ts'
import { announcement } from './announcement.ts'
import { hear } from './chat-events.ts'
import { ChatParts } from './chat-parts.ts'
import { chatStyles } from './chat-styles.ts'
import { FocusKeeper } from './focus-keeper.ts'
import { isTyping } from './is-typing.ts'
import { loadDialogs } from './load-dialogs.ts'
import type { MessageList } from './message-list.ts'
import type { ShortcutsDialog } from './shortcuts-dialog.ts'

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
  readonly #account = new AccountController(this)
  readonly #chat = new ChatController(this, this.#account)
  readonly #parts = new ChatParts(this)
  #announced: ChatState = this.#chat.state
  #announcement = ''
  /** The gate that is drawn, if one is: who signs out is taken to it. */
  #shownReason: Refusal | null = null
  /** A dialog could not be loaded. */
  #isCutOff = false

  constructor() {
    super()
    this.url = ''
    this.heading = ''
    this.theme = 'system'
    this.runtime = browserRuntime()
    new FocusKeeper(this, () => void this.#parts.enter())
    hear('countersign-say', this, ({ text }) => this.#say(text))
    hear('countersign-stop', this, () => this.#chat.stop())
    hear('countersign-retry', this, () => this.#chat.retryNow())
    hear('countersign-new-conversation', this, () => this.#chat.newConversation())
    hear('countersign-start-anew', this, () => this.#chat.startAnew())
    hear('countersign-respond', this, ({ interactionId, response }) => this.#chat.respond(interactionId, response))
    hear('countersign-question-shown', this, ({ focus }) => isTyping() || focus())
    hear('countersign-theme', this, ({ theme }) => this.#chooseTheme(theme))
    hear('countersign-conversation-wanted', this, () => this.#parts.goToConversation())
    hear('countersign-jump', this, () => this.#parts.goToQuestion())
    hear('countersign-shortcuts', this, () => void this.#open('countersign-shortcuts'))
    hear('countersign-account-open', this, () => void this.#open('countersign-account-panel'))
    hear('countersign-sessions-wanted', this, () => void this.#account.lookForSessions())
    hear('countersign-account-change', this, ({ change }) => void this.#changeAccount(change))
  }

  /** Takes the person to where they write, or to what bars the way. */
  override focus(): void {
    void this.updateComplete.then(() => this.#parts.enter())
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
    const { state, status } = this.#chat
    const { me } = this.#account.state
    const complaint = state.complaint ?? (this.#isCutOff ? 'The server could not be reached to open this. Try again.' : null)
    const reason = this.#gateReason
    return html`<countersign-header
        .heading=${this.heading || (me?.workflow.name ?? 'Countersign')}
        .me=${me}
        .theme=${this.theme}
        .signInUrl=${this.#signInUrl}
        .isBarred=${reason !== null}
      ></countersign-header>
      ${reason === null ? this.#messages() : this.#gate(reason)}
      <footer>
        ${complaint === null ? nothing : html`<countersign-notice .tone=${'failed'} .text=${complaint}></countersign-notice>`}
        ${
          reason === null
            ? html`<countersign-composer
                .isBusy=${isBusy(state)}
                .isStopping=${state.turns.some((turn) => turn.isStopping)}
                .lastSaid=${state.turns.at(-1)?.text ?? ''}
              ></countersign-composer>`
            : nothing
        }
        <countersign-status .status=${status} .runtime=${this.runtime} .openCount=${openQuestions(state).length}></countersign-status>
      </footer>
      <countersign-account-panel
        .account=${this.#account.state}
        .runtime=${this.runtime}
        .signInUrl=${this.#signInUrl}
      ></countersign-account-panel>
      <countersign-shortcuts></countersign-shortcuts>
      <div class="visually-hidden" role="status">${this.#announcement}</div>`
  }

  override updated(): void {
    this.runtime.showCount(openQuestions(this.#chat.state).length)
    const reason = this.#gateReason
    const isOver = reason === 'signed-out' && this.#shownReason !== reason
    if (isOver && this.matches(':focus-within')) void this.#parts.enter()
    this.#shownReason = reason
  }

  #gate(reason: Refusal): TemplateResult {
    return html`<countersign-gate .reason=${reason} .me=${this.#account.state.me} .signInUrl=${this.#signInUrl}></countersign-gate>`
  }

  #messages(): TemplateResult {
    const { state } = this.#chat
    const { me } = this.#account.state
    return html`<countersign-messages
      .turns=${state.turns}
      .isBusy=${isBusy(state)}
      .runtime=${this.runtime}
      .origin=${this.#address.origin}
      .viewer=${me?.principal ?? null}
    >
      ${state.isShortened ? html`<p class="shortened">Earlier messages are no longer shown.</p>` : nothing}
      ${state.turns.length === 0 && state.isCaughtUp ? html`<countersign-welcome .me=${me}></countersign-welcome>` : nothing}
    </countersign-messages>`
  }

  /** Why there is no conversation to be had, if there is none. */
  get #gateReason(): Refusal | null {
    const { state } = this.#chat.status
    return state === 'signed-out' || state === 'sign-in-required' ? state : null
  }

  get #address() {
    return serverAddress(this.url, this.runtime.origin)
  }

  get #signInUrl(): string {
    return this.#address.signIn(this.runtime)
  }

  #find<Part extends Element>(tag: string): Part | null {
    return this.renderRoot.querySelector<Part>(tag)
  }

  #say(text: string): void {
    this.#chat.say(text)
    this.#find<MessageList>('countersign-messages')?.followEnd()
  }

  #chooseTheme(theme: ThemeChoice): void {
    this.theme = theme
    rememberTheme(this.runtime, theme)
  }

  /** The dialogs' code comes with the first that is opened. */
  async #open(tag: 'countersign-account-panel' | 'countersign-shortcuts'): Promise<void> {
    try {
      await loadDialogs()
      this.#isCutOff = false
      await this.#find<AccountPanel | ShortcutsDialog>(tag)?.show()
    } catch {
      this.#isCutOff = true
    }
    this.requestUpdate()
  }

  /** Signing out leaves the conversation; whoever the browser is then is asked with the next connection. */
  async #changeAccount(change: AccountChange): Promise<void> {
    const outcome = await this.#account.change(change)
    const isOver = change.type === 'sign-out' && (outcome?.result === 'done' || outcome?.result === 'gone')
    if (!isOver) return
    this.#find<AccountPanel>('countersign-account-panel')?.close()
    this.#chat.startAnew()
  }
}
