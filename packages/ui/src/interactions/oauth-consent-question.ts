import type { InteractionView, Question } from '@countersign/core/protocol'
import { html, nothing, type TemplateResult } from 'lit'
import { isOwnStartUrl, SignInPopup, type PopupState } from '../auth/popup.ts'
import { scopeList } from '../auth/scope-list.ts'
import { FocusKeeper } from '../elements/focus-keeper.ts'
import { icon } from '../icons.ts'
import { ClipboardCopy } from './clipboard-copy.ts'
import { QuestionElement, type QuestionKind } from './question-element.ts'

class OauthConsentQuestion extends QuestionElement<Question & { kind: 'oauth_consent' }> {
  #copy: ClipboardCopy | null = null
  #popup: SignInPopup | null = null
  /** The question as it was when the window was last opened: a problem it had then is being tried again. */
  #triedView: InteractionView | null = null

  constructor() {
    super()
    // A press takes the place of the button that was pressed.
    new FocusKeeper(this, () => this.renderRoot.querySelector<HTMLElement>('button')?.focus())
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#popup?.leave()
  }

  override render(): TemplateResult {
    const { host, scopes, tool } = this.question.consent
    return html`<div class="stack">
      <p>
        The tool <code>${tool}</code> needs you to sign in at <strong><bdi>${host}</bdi></strong
        >.
      </p>
      ${
        scopes.length === 0
          ? nothing
          : html`<div class="wish">
              <p class="muted">It will be allowed to</p>
              ${scopeList(scopes, 'It will be allowed to')}
            </div>`
      }
      ${this.#progress()}
      <div class="actions">
        ${this.#signInButton()}
        <button class="quiet" aria-disabled=${this.isSending} @click=${this.#cancel}>Cancel</button>
      </div>
    </div>`
  }

  get #state(): PopupState {
    const hasNewProblem = this.asked.view.problem !== undefined && this.asked.view !== this.#triedView
    return hasNewProblem ? 'idle' : (this.#popup?.state ?? 'idle')
  }

  #signInButton(): TemplateResult | typeof nothing {
    const state = this.#state
    if (state === 'waiting') return nothing
    const isRetry = this.asked.view.problem !== undefined
    const label = state === 'closed' ? 'Open it again' : isRetry ? 'Try again' : null
    return html`<button class="primary" aria-disabled=${this.isSending} @click=${this.#open}>
      ${icon('window')}<span>${label ?? html`Sign in at <bdi>${this.question.consent.host}</bdi>`}</span>
    </button>`
  }

  #progress(): TemplateResult | typeof nothing {
    switch (this.#state) {
      case 'idle':
        return nothing
      case 'waiting':
        return html`<div class="note" role="status">
          <p class="waiting">${icon('running')} Finish signing in in the other window.</p>
          <p><button class="link" @click=${this.#open}>Open it again</button> or ${this.#link('use a plain link')}.</p>
        </div>`
      case 'blocked':
        return html`<div class="note warn" role="status">
          <p>Your browser blocked the window. Allow pop-ups for this page and try again, or sign in in a new tab:</p>
          <p>${this.#link('Open the sign-in page')}</p>
          <button @click=${this.#copyLink}>${this.#copy?.state === 'copied' ? 'Link copied' : 'Copy the link'}</button>
        </div>`
      case 'closed':
        return html`<p class="note" role="status">The window was closed. Open it again.</p>`
      case 'refused':
        return html`<p class="note warn" role="status">The sign-in address does not belong to this site, so it was not opened.</p>`
    }
  }

  #link(text: string): TemplateResult | typeof nothing {
    const { startUrl } = this.question.consent
    if (!isOwnStartUrl(startUrl, this.origin)) return nothing
    return html`<a href=${startUrl} target="_blank" rel="noopener">${text}</a>`
  }

  /** Synchronously within the click: a browser opens no window after an await. */
  #open(): void {
    if (this.isSending) return
    this.#triedView = this.asked.view
    this.#popup ??= new SignInPopup(this.runtime, () => this.requestUpdate())
    this.#popup.open({ interactionId: this.asked.id, startUrl: this.question.consent.startUrl, origin: this.origin })
  }

  #cancel(): void {
    this.#popup?.close()
    this.cancel()
  }

  #copyLink(): void {
    this.#copy ??= new ClipboardCopy(this.runtime, () => this.requestUpdate())
    void this.#copy.copy(this.question.consent.startUrl)
  }
}

/** Leave to sign in at a provider, in a window of its own. */
export const oauthConsentQuestion: QuestionKind = {
  tag: 'countersign-oauth-consent-question',
  element: OauthConsentQuestion,
  heading: () => 'Sign in to continue',
  icon: () => 'key',
  isSelfExplaining: true,
}
