import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import type { BrowserRuntime } from '../client/browser-runtime.ts'
import type { ConnectionStatus } from '../client/socket.ts'
import { base, controls } from '../theme.ts'
import { announce } from './chat-events.ts'
import { FocusKeeper } from './focus-keeper.ts'
import { SecondTicker } from './second-ticker.ts'

/** The state of the connection in words; with a way to try again at once while it is lost. */
export class ConnectionState extends LitElement {
  static override styles = [
    base,
    controls,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0 0.5rem;
        color: var(--cs-muted);
        font-size: 0.875rem;
      }
      .words {
        display: flex;
        align-items: center;
        gap: 0.5rem;
      }
      .dot {
        flex: none;
        inline-size: 0.55rem;
        block-size: 0.55rem;
        border-radius: 50%;
        background: var(--cs-warn);
      }
      .open .dot {
        background: var(--cs-ok);
      }
      .waiting .dot,
      .signed-out .dot {
        background: var(--cs-danger);
      }
      @media (forced-colors: active) {
        .dot {
          background: CanvasText;
        }
      }
    `,
  ]
  static override properties = { status: { attribute: false }, runtime: { attribute: false } }

  declare status: ConnectionStatus
  declare runtime: BrowserRuntime

  constructor() {
    super()
    this.status = { state: 'closed' }
    new FocusKeeper(this, () => this.renderRoot.querySelector<HTMLElement>('.words')?.focus())
    new SecondTicker(this, () => this.status.state === 'waiting')
  }

  override render(): TemplateResult {
    const { status } = this
    return html`<span class="words ${status.state}" tabindex="-1"
        ><span class="dot"></span><span role="status">${statusWords(status)}</span></span
      >
      ${status.state === 'waiting' ? html`<span>${this.#nextTry(status.retryAt)}</span>` : nothing}
      ${status.state === 'waiting' ? html`<button class="link" @click=${() => announce(this, 'countersign-retry', null)}>Retry now</button>` : nothing}`
  }

  /** Outside the status region: a countdown must not be read out every second. */
  #nextTry(retryAt: number): string {
    return `Next try in ${Math.max(0, Math.ceil((retryAt - this.runtime.now()) / 1000))} s.`
  }
}

function statusWords(status: ConnectionStatus): string {
  switch (status.state) {
    case 'connecting':
      return status.attempt === 0 ? 'Connecting…' : `Reconnecting (attempt ${status.attempt + 1})…`
    case 'open':
      return 'Connected'
    case 'waiting':
      return status.isOffline ? 'You are offline.' : 'Connection lost.'
    case 'closed':
      return 'Not connected'
    case 'signed-out':
      return 'Signed out'
    case 'sign-in-required':
      return 'Not signed in'
  }
}
