import { css, html, LitElement, type TemplateResult } from 'lit'
import { icon } from '../icons.ts'
import { base, controls } from '../theme.ts'

/** A plain sentence of the server in the transcript: why a turn ended as it did. */
export class ChatNotice extends LitElement {
  static override styles = [
    base,
    controls,
    css`
      p {
        display: flex;
        flex-wrap: wrap;
        align-items: start;
        gap: 0.6rem 0.75rem;
        padding: 0.7rem 0.9rem;
        border: 1px solid transparent;
        border-radius: var(--cs-radius-small);
        background: var(--cs-raised);
        line-height: 1.45;
      }
      span {
        flex: 1 1 14rem;
        min-inline-size: 0;
      }
      svg {
        margin-block-start: 0.05rem;
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
    return html`<p class=${this.tone}>
      ${icon(this.tone === 'failed' ? 'failed' : 'cancelled')}<span dir="auto">${this.text}</span><slot></slot>
    </p>`
  }
}
