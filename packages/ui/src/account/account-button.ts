import type { Me } from '@countersign/core/protocol'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { announce } from '../elements/chat-events.ts'
import { base, controls } from '../theme.ts'
import { personWords } from './account-words.ts'
import { initialsStyles, personInitials } from './person-initials.ts'

/** Who this browser is, in the header; pressed, it opens the account. Somebody who can sign in is offered that beside it. */
export class AccountButton extends LitElement {
  static override styles = [
    base,
    controls,
    initialsStyles,
    css`
      :host {
        display: flex;
        align-items: center;
        gap: 0.25rem;
        min-inline-size: 0;
      }
      button.account {
        padding: 0.25rem 0.6rem 0.25rem 0.25rem;
        border-radius: 99px;
        min-inline-size: 0;
      }
      .name {
        max-inline-size: 14rem;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      @media (max-width: 40rem) {
        button.account {
          padding: 0.25rem;
        }
        .name {
          position: absolute;
          inline-size: 1px;
          block-size: 1px;
          clip-path: inset(50%);
        }
      }
    `,
  ]
  static override properties = { me: { attribute: false }, signInUrl: { attribute: false } }

  declare me: Me | null
  declare signInUrl: string

  constructor() {
    super()
    this.me = null
    this.signInUrl = ''
  }

  override render(): TemplateResult {
    const principal = this.me?.principal
    const name = principal === undefined ? 'not known yet' : personWords(principal)
    const isSomebody = principal !== undefined && principal.kind !== 'anonymous'
    const canSignIn = principal?.kind === 'anonymous' && this.me?.signIn !== undefined
    return html`${canSignIn ? html`<a class="button" href=${this.signInUrl}>Sign in</a>` : nothing}
      <button class="quiet account" aria-haspopup="dialog" title="Account" @click=${() => announce(this, 'countersign-account-open', null)}>
        <span class="visually-hidden">Account:</span>${personInitials(principal)}
        <span class=${isSomebody ? 'name' : 'visually-hidden'}><bdi>${name}</bdi></span>
      </button>`
  }
}
