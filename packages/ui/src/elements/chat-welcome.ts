import type { Me } from '@countersign/core/protocol'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { base, controls } from '../theme.ts'
import { announce } from './chat-events.ts'

/** What an empty conversation shows: what this is, and questions to begin with. */
export class ChatWelcome extends LitElement {
  static override styles = [
    base,
    controls,
    css`
      :host {
        padding-block: min(12vh, 6rem) 1rem;
      }
      h2 {
        font-size: 1.5rem;
        line-height: 1.25;
        letter-spacing: -0.01em;
      }
      p {
        margin-block-start: 0.5rem;
        max-inline-size: 36rem;
        line-height: 1.5;
      }
      ul {
        display: grid;
        gap: 0.5rem;
        justify-items: start;
        margin: 1.5rem 0 0;
        padding: 0;
        list-style: none;
      }
      button {
        padding: 0.6rem 1rem;
        border-color: var(--cs-line);
        border-radius: 12px;
        text-align: start;
        font-weight: 400;
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
    const workflow = this.me?.workflow
    const examples = workflow?.examples ?? []
    return html`<h2>What can I do for you?</h2>
      <p class="muted">
        ${workflow?.description ?? nothing} The assistant acts for you only where you allow it: it asks before it signs in anywhere on your
        behalf.
      </p>
      <ul ?hidden=${examples.length === 0} aria-label="Examples">
        ${examples.map((text) => html`<li><button @click=${() => announce(this, 'countersign-say', { text })}>${text}</button></li>`)}
      </ul>`
  }
}
