import type { Me } from '@countersign/core/protocol'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { AccountChange, AccountOutcome, AccountState } from '../client/account-state.ts'
import type { BrowserRuntime } from '../client/browser-runtime.ts'
import { scopeStyles } from '../auth/scope-list.ts'
import { announce } from '../elements/chat-events.ts'
import { icon } from '../icons.ts'
import { base, controls } from '../theme.ts'
import { accountStyles } from './account-styles.ts'
import type { AccountView } from './account-view.ts'
import { outcomeWords, personWords } from './account-words.ts'
import { connectionItem } from './connection-item.ts'
import { initialsStyles, personInitials } from './person-initials.ts'
import { sessionItem } from './session-item.ts'

/** The person's account: who they are, what is connected, where they are signed in, and how each of it is ended. */
export class AccountPanel extends LitElement {
  static override styles = [base, controls, initialsStyles, scopeStyles, accountStyles]
  static override properties = { account: { attribute: false }, runtime: { attribute: false }, signInUrl: { attribute: false } }

  declare account: AccountState
  declare runtime: BrowserRuntime
  declare signInUrl: string
  #shownOutcome: AccountOutcome | null = null

  /** Opens it; the focus returns to where it was when it is closed. */
  async show(): Promise<void> {
    await this.updateComplete
    this.#dialog?.showModal()
    announce(this, 'countersign-sessions-wanted', null)
  }

  close(): void {
    this.#dialog?.close()
  }

  override render(): TemplateResult {
    const { me } = this.account
    return html`<dialog aria-labelledby="title" @click=${this.#onClick}>
      <header>
        <h2 id="title" tabindex="-1" autofocus>Account</h2>
        <button class="quiet icon" aria-label="Close" title="Close" @click=${this.close}>${icon('refused')}</button>
      </header>
      <div class="body">
        <div role="status" ?hidden=${this.account.outcome === null}>${this.#outcome()}</div>
        ${
          me === null
            ? html`<p class="hint">The server has not said yet who this browser is.</p>`
            : html`${this.#who(me)} ${this.#connections(me)} ${this.#sessions(me)} ${this.#leave(me)}`
        }
      </div>
    </dialog>`
  }

  /** What was pressed may be gone with what it ended: the person is taken to what became of it. */
  override updated(): void {
    const { outcome } = this.account
    if (outcome !== null && outcome !== this.#shownOutcome) this.renderRoot.querySelector<HTMLElement>('.outcome')?.focus()
    this.#shownOutcome = outcome
  }

  #outcome(): TemplateResult | typeof nothing {
    const { outcome } = this.account
    if (outcome === null) return nothing
    const isFailure = outcome.result === 'refused' || outcome.result === 'unreachable'
    const tone = isFailure ? 'failed' : outcome.result === 'unconfirmed' ? 'warn' : 'done'
    return html`<p class="outcome ${tone}" tabindex="-1">
      ${icon(tone === 'done' ? 'ok' : 'failed')}<span>${outcomeWords(outcome)}</span>
      ${isFailure ? html`<button @click=${() => this.#change(outcome.change)}>Try again</button>` : nothing}
    </p>`
  }

  #who({ principal, signIn, connections }: Me): TemplateResult {
    const isGuest = principal.kind === 'anonymous'
    return html`<section>
      <div class="who">
        ${personInitials(principal)}
        <strong><bdi>${personWords(principal)}</bdi></strong>
        <span class="muted">${isGuest ? 'Nobody is signed in' : 'Signed in'}</span>
      </div>
      ${isGuest ? html`<p class="hint">Only this browser can reach what you do here, and only while it keeps its cookies.</p>` : nothing}
      ${
        isGuest && signIn !== undefined
          ? html`<div class="actions">
              <a class="button primary" href=${this.signInUrl}
                ><span>Sign in with <bdi>${signIn.host}</bdi></span></a
              >
              <p class="hint">
                Your conversations come with you${connections.length === 0 ? '' : '; the accounts connected below are disconnected'}.
              </p>
            </div>`
          : nothing
      }
    </section>`
  }

  #connections({ connections }: Me): TemplateResult {
    const isEmpty = connections.length === 0
    return html`<section>
      <h3 id="connections">Connected accounts</h3>
      <p class="hint">
        ${isEmpty ? 'None. When the assistant needs one, it asks you to sign in there.' : 'What the assistant may use on your behalf.'}
      </p>
      <ul aria-labelledby="connections" ?hidden=${isEmpty}>
        ${repeat(
          connections,
          ({ id }) => id,
          (connection) => connectionItem(connection, this.#view),
        )}
      </ul>
    </section>`
  }

  #sessions({ principal }: Me): TemplateResult | typeof nothing {
    const { sessions } = this.account
    if (sessions.state === 'unknown') return nothing
    return html`<section>
      <h3 id="sessions">${principal.kind === 'anonymous' ? 'This browser' : 'Signed-in browsers'}</h3>
      ${sessions.state === 'loading' ? html`<p class="hint" role="status">Reading the list…</p>` : nothing}
      ${
        sessions.state === 'failed'
          ? html`<p class="outcome failed" role="alert">
              ${icon('failed')}<span>The list could not be read.</span>
              <button @click=${() => announce(this, 'countersign-sessions-wanted', null)}>Try again</button>
            </p>`
          : nothing
      }
      ${
        sessions.state === 'known'
          ? html`<ul class="sessions" aria-labelledby="sessions">
              ${repeat(
                sessions.list,
                ({ id }) => id,
                (session) => sessionItem(session, this.#view),
              )}
            </ul>`
          : nothing
      }
    </section>`
  }

  #leave({ principal, connections }: Me): TemplateResult {
    if (principal.kind === 'anonymous') return html`<section class="actions">${this.#confirmed(FORGET, false)}</section>`
    const { sessions } = this.account
    const isKnownElsewhere = sessions.state === 'known' && sessions.list.length > 1
    return html`<section class="actions">
      ${
        connections.length > 0 && !isKnownElsewhere
          ? this.#confirmed(LAST, false)
          : html`<button
              aria-disabled=${this.account.pending !== null}
              @click=${() => this.#change({ type: 'sign-out', everywhere: false })}
            >
              Sign out
            </button>`
      }
      ${this.#confirmed(EVERYWHERE, true)}
    </section>`
  }

  #confirmed(words: typeof FORGET, everywhere: boolean): TemplateResult {
    return html`<countersign-confirm
      .words=${words}
      .runtime=${this.runtime}
      .isDisabled=${this.account.pending !== null}
      @confirm=${() => this.#change({ type: 'sign-out', everywhere })}
    ></countersign-confirm>`
  }

  get #view(): AccountView {
    return { runtime: this.runtime, pending: this.account.pending, change: (change) => this.#change(change) }
  }

  #change(change: AccountChange): void {
    announce(this, 'countersign-account-change', { change })
  }

  get #dialog(): HTMLDialogElement | null {
    return this.renderRoot.querySelector('dialog')
  }

  /** A press beside the sheet closes it. */
  #onClick(event: MouseEvent): void {
    if (event.target === event.currentTarget) this.close()
  }
}

/** With the last session of a person go their connections. */
const EVERYWHERE = {
  label: 'Sign out everywhere…',
  explanation: 'All your browsers are signed out, this one too, and your connected accounts are disconnected. Your conversations stay.',
  confirm: 'Sign out everywhere',
  keep: 'Stay signed in',
}

const LAST = {
  label: 'Sign out…',
  explanation: 'With the last browser you leave, your connected accounts are disconnected. Your conversations stay.',
  confirm: 'Sign out',
  keep: 'Stay signed in',
}

const FORGET = {
  label: 'Forget this browser…',
  explanation: 'Its connected accounts are disconnected, and nobody can reach its conversations any more, you included.',
  confirm: 'Forget this browser',
  keep: 'Keep it',
}
