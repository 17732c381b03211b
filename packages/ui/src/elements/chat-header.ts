import type { Me } from '@countersign/core/protocol'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
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
      .mark {
        display: grid;
        place-items: center;
        flex: none;
        inline-size: 1.75rem;
        block-size: 1.75rem;
        margin-inline-end: 0.4rem;
        border-radius: 8px;
        background: var(--cs-accent);
        color: var(--cs-on-accent);
      }
      .mark svg {
        inline-size: 1.1rem;
        block-size: 1.1rem;
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
  static override properties = {
    heading: { attribute: false },
    me: { attribute: false },
    theme: { attribute: false },
    signInUrl: { attribute: false },
    isBarred: { attribute: false },
  }

  declare heading: string
  declare me: Me | null
  declare theme: ThemeChoice
  declare signInUrl: string
  /** There is no conversation to be had. */
  declare isBarred: boolean

  constructor() {
    super()
    this.heading = ''
    this.me = null
    this.theme = 'system'
    this.signInUrl = ''
    this.isBarred = false
  }

  override render(): TemplateResult {
    const themeName = `Theme: ${this.theme}`
    return html`<header>
      <span class="mark" aria-hidden="true">${icon('shield')}</span>
      <h1 dir="auto">${this.heading}</h1>
      ${
        this.isBarred
          ? nothing
          : html`<button
              class="quiet new"
              title="New conversation"
              aria-label="New conversation"
              @click=${() => announce(this, 'countersign-new-conversation', null)}
            >
              ${icon('plus')}<span>New</span>
            </button>`
      }
      <button
        class="quiet icon"
        title=${themeName}
        aria-label=${themeName}
        @click=${() => announce(this, 'countersign-theme', { theme: nextTheme(this.theme) })}
      >
        ${icon(this.theme)}
      </button>
      <countersign-account .me=${this.me} .signInUrl=${this.signInUrl}></countersign-account>
    </header>`
  }
}
