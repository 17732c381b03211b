import type { Me } from '@countersign/core/protocol'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { inReadingOrder, scopeWords } from '../auth/scope-words.ts'
import { icon } from '../icons.ts'
import { base, controls } from '../theme.ts'
import { clockTime } from './time-words.ts'

/** Who this session is, and at which providers it is signed in for the agent. */
export class AccountBadge extends LitElement {
  static override styles = [
    base,
    controls,
    css`
      [popover] {
        position: fixed;
        inset: auto;
        inset-block-start: 3.75rem;
        inset-inline-end: 0.75rem;
        inline-size: min(22rem, calc(100vw - 1.5rem));
        margin: 0;
        padding: 1rem 1.25rem;
        border: 1px solid var(--cs-line);
        border-radius: var(--cs-radius);
        background: var(--cs-surface);
        color: var(--cs-text);
        box-shadow: 0 8px 28px rgb(0 0 0 / 18%);
      }
      h2 {
        font-size: 1rem;
      }
      ul {
        display: grid;
        gap: 0.75rem;
        margin: 0.75rem 0 0;
        padding: 0;
        list-style: none;
      }
      li {
        padding-block-start: 0.75rem;
        border-block-start: 1px solid var(--cs-line);
      }
      p + p {
        margin-block-start: 0.15rem;
      }
      small {
        font-size: 0.875rem;
      }
      .count {
        min-inline-size: 1.25rem;
        padding-inline: 0.3rem;
        border-radius: 99px;
        background: var(--cs-accent);
        color: var(--cs-on-accent);
        font-size: 0.8rem;
        line-height: 1.25rem;
      }
      button.icon.counted {
        inline-size: auto;
        padding-inline: 0.6rem;
      }
    `,
  ]
  static override properties = { me: { attribute: false } }

  declare me: Me | null

  constructor() {
    super()
    this.me = null
  }

  override render(): TemplateResult {
    const connections = this.me?.connections ?? []
    return html`<button class="quiet icon ${connections.length > 0 ? 'counted' : ''}" popovertarget="account" title="Account">
        ${icon('account')}<span class="visually-hidden">Account, connections:</span>
        <span class=${connections.length > 0 ? 'count' : 'visually-hidden'}>${connections.length}</span>
      </button>
      <div id="account" popover role="group" aria-label="Account">
        <h2>${this.me === null ? 'Not known yet' : nameOf(this.me)}</h2>
        ${connections.length === 0 ? html`<p class="muted">Signed in nowhere for the agent.</p>` : nothing}
        <ul ?hidden=${connections.length === 0} aria-label="Connections">
          ${connections.map(connectionItem)}
        </ul>
      </div>`
  }
}

function nameOf({ principal }: Me): string {
  if (principal.name !== undefined) return principal.name
  return principal.kind === 'anonymous' ? 'Guest' : principal.id
}

function connectionItem({ provider, host, scopes, expiresAt }: Me['connections'][number]): TemplateResult {
  return html`<li>
    <p>
      <strong><bdi>${host}</bdi></strong> <span class="muted">${provider}</span>
    </p>
    <p>
      <small
        >${inReadingOrder(scopes)
          .map((scope) => scopeWords(scope) ?? scope)
          .join(' · ')}</small
      >
    </p>
    ${expiresAt === null ? nothing : html`<p class="muted"><small>Access until ${clockTime(expiresAt)}</small></p>`}
  </li>`
}
