import { css, html, LitElement, type TemplateResult } from 'lit'
import { icon } from '../icons.ts'
import { base } from '../theme.ts'

/** A plain sentence of the server in the transcript: why a turn ended as it did. */
export class ChatNotice extends LitElement {
  static override styles = [
    base,
    css`
      p {
        display: flex;
        gap: 0.6rem;
        padding: 0.65rem 0.9rem;
        border: 1px solid transparent;
        border-radius: 8px;
        background: var(--cs-raised);
      }
      .failed {
        background: var(--cs-danger-soft);
        color: var(--cs-danger);
      }
    `,
  ]
  static override properties = { text: { attribute: false }, tone: { attribute: false } }

  declare text: string
  declare tone: 'plain' | 'failed'

  constructor() {
    super()
    this.text = ''
    this.tone = 'plain'
  }

  override render(): TemplateResult {
    return html`<p class=${this.tone}>${icon(this.tone === 'failed' ? 'failed' : 'cancelled')}<span>${this.text}</span></p>`
  }
}
