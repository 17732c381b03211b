import type { Me } from '@countersign/core/protocol'
import { css, html, LitElement, type TemplateResult } from 'lit'
import { nextTheme, type ThemeChoice } from '../client/theme-choice.ts'
import { icon } from '../icons.ts'
import { base, controls } from '../theme.ts'
import { announce } from './chat-events.ts'

/** The line above the transcript: what this is, who we are, and a new beginning. */
export class ChatHeader extends LitElement {
  static override styles = [
    base,
    controls,
    css`
      header {
        display: flex;
        align-items: center;
        gap: 0.25rem;
        padding: 0.5rem 0.75rem 0.5rem 1rem;
        border-block-end: 1px solid var(--cs-line);
        background: var(--cs-surface);
      }
      h1 {
        flex: 1;
        min-inline-size: 0;
        margin: 0;
        font-size: 1.05rem;
        font-weight: 600;
        line-height: 1.25;
      }
      button.new svg {
        inline-size: 1.1rem;
        block-size: 1.1rem;
      }
      @media (max-width: 36rem) {
        button.new {
          inline-size: 2.75rem;
          padding: 0;
        }
        button.new span {
          display: none;
        }
      }
    `,
  ]
  static override properties = { heading: { attribute: false }, me: { attribute: false }, theme: { attribute: false } }

  declare heading: string
  declare me: Me | null
  declare theme: ThemeChoice

  constructor() {
    super()
    this.heading = ''
    this.me = null
    this.theme = 'system'
  }

  override render(): TemplateResult {
    const themeName = `Theme: ${this.theme}`
    return html`<header>
      <h1>${this.heading}</h1>
      <button
        class="quiet new"
        title="New conversation"
        aria-label="New conversation"
        @click=${() => announce(this, 'countersign-new-conversation', null)}
      >
        ${icon('plus')}<span>New</span>
      </button>
      <button
        class="quiet icon"
        title=${themeName}
        aria-label=${themeName}
        @click=${() => announce(this, 'countersign-theme', { theme: nextTheme(this.theme) })}
      >
        ${icon(this.theme)}
      </button>
      <countersign-account .me=${this.me}></countersign-account>
    </header>`
  }
}
