import type { Me } from '@countersign/core/protocol'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import type { Refusal } from '../client/socket.ts'
import { icon } from '../icons.ts'
import { base, controls } from '../theme.ts'
import { announce } from './chat-events.ts'

/** What stands in place of the whole conversation while there is none to be had: the session is over, or one has to sign in first. */
export class ChatGate extends LitElement {
  static override styles = [
    base,
    controls,
    css`
      :host {
        display: grid;
        place-items: center;
        padding: 2rem 1rem;
        overflow: auto;
      }
      section {
        display: grid;
        gap: 0.75rem;
        justify-items: center;
        max-inline-size: 30rem;
        text-align: center;
      }
      .drawing {
        display: grid;
        place-items: center;
        inline-size: 3.5rem;
        block-size: 3.5rem;
        margin-block-end: 0.5rem;
        border-radius: 50%;
        background: var(--cs-accent-soft);
        color: var(--cs-accent);
      }
      .drawing svg {
        inline-size: 1.6rem;
        block-size: 1.6rem;
      }
      h2 {
        font-size: 1.5rem;
        line-height: 1.25;
        letter-spacing: -0.01em;
        text-wrap: balance;
      }
      p {
        color: var(--cs-muted);
        line-height: 1.55;
        text-wrap: pretty;
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        justify-content: center;
        gap: 0.6rem;
        margin-block-start: 0.75rem;
      }
    `,
  ]
  static override properties = { reason: { attribute: false }, me: { attribute: false }, signInUrl: { attribute: false } }

  declare reason: Refusal
  declare me: Me | null
  declare signInUrl: string

  /** Takes the person to what happened. */
  override focus(): void {
    this.renderRoot.querySelector('h2')?.focus()
  }

  override render(): TemplateResult {
    const { title, text } = WORDS[this.reason]
    const signIn = this.me?.signIn
    return html`<section aria-labelledby="title">
      <span class="drawing">${icon(this.reason === 'signed-out' ? 'leave' : 'key')}</span>
      <h2 id="title" tabindex="-1">${title}</h2>
      <p>${text}</p>
      <div class="actions">
        ${
          signIn === undefined
            ? nothing
            : html`<a class="button primary" href=${this.signInUrl}
                ><span>Sign in with <bdi>${signIn.host}</bdi></span></a
              >`
        }
        ${
          signIn?.required
            ? nothing
            : html`<button class=${signIn === undefined ? 'primary' : ''} @click=${() => announce(this, 'countersign-start-anew', null)}>
                Start anew${signIn === undefined ? nothing : ' as a guest'}
              </button>`
        }
      </div>
    </section>`
  }
}

const WORDS: Readonly<Record<Refusal, { readonly title: string; readonly text: string }>> = {
  'signed-out': {
    title: 'You are signed out',
    text: 'The session of this browser is over: it was ended here, in another browser, or by its age. What you said is no longer shown.',
  },
  'sign-in-required': {
    title: 'Sign in to begin',
    text: 'This assistant works only for people it knows. You come back to this page afterwards.',
  },
}
