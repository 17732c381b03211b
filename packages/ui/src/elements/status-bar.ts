import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import type { BrowserRuntime } from '../client/browser-runtime.ts'
import type { ConnectionStatus } from '../client/socket.ts'
import { icon } from '../icons.ts'
import { base, controls } from '../theme.ts'
import { announce } from './chat-events.ts'

/** The line below the composer: the connection, the way to open questions, and what the keyboard can do. */
export class StatusBar extends LitElement {
  static override styles = [
    base,
    controls,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0 1rem;
        min-block-size: 2rem;
        color: var(--cs-muted);
        font-size: 0.875rem;
      }
      countersign-connection {
        flex: 1 0 auto;
        max-inline-size: 100%;
      }
      button {
        min-block-size: 2rem;
        padding: 0.1rem 0.6rem;
        gap: 0.35rem;
        font-size: inherit;
      }
      button.keys {
        inline-size: 2rem;
        padding: 0;
        color: var(--cs-muted);
      }
      button.jump {
        border-color: transparent;
        border-radius: 99px;
        background: var(--cs-warn-soft);
        color: var(--cs-warn);
        font-weight: 600;
      }
      button svg {
        inline-size: 1.05rem;
        block-size: 1.05rem;
      }
      @media (pointer: coarse) {
        button.keys {
          display: none;
        }
        button.jump {
          min-block-size: 2.75rem;
        }
      }
    `,
  ]
  static override properties = { status: { attribute: false }, runtime: { attribute: false }, openCount: { attribute: false } }

  declare status: ConnectionStatus
  declare runtime: BrowserRuntime
  /** How many questions wait for the person. */
  declare openCount: number

  constructor() {
    super()
    this.status = { state: 'closed' }
    this.openCount = 0
  }

  override render(): TemplateResult {
    const { openCount } = this
    return html`<countersign-connection .status=${this.status} .runtime=${this.runtime}></countersign-connection>
      ${
        openCount === 0
          ? nothing
          : html`<button class="jump" @click=${() => announce(this, 'countersign-jump', null)}>
              ${icon('question')}${openCount === 1 ? '1 open question' : `${openCount} open questions`}
            </button>`
      }
      <button
        class="quiet keys"
        aria-label="Keyboard shortcuts"
        title="Keyboard shortcuts (?)"
        @click=${() => announce(this, 'countersign-shortcuts', null)}
      >
        ${icon('keyboard')}
      </button>`
  }
}
