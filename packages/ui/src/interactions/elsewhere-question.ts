import type { Question } from '@countersign/core/protocol'
import { css, html, nothing, type TemplateResult } from 'lit'
import { SecondTicker } from '../elements/second-ticker.ts'
import { icon } from '../icons.ts'
import { QuestionElement } from './question-element.ts'
import { retryWords, waitSentence } from './wait-words.ts'

/** How long after it was asked a request may be sent once more: the server takes it no earlier. */
const RESEND_AFTER_MS = 10_000

/** What is answered on another device: it is said how the wait goes, and it can be sent once more or given up, never answered here. */
export abstract class ElsewhereQuestion<Asked extends Question> extends QuestionElement<Asked> {
  static override styles = [
    ...QuestionElement.styles,
    css`
      .compare {
        display: grid;
        gap: 0.4rem;
        justify-items: start;
        padding: 0.85rem 1rem 1rem;
        border: 1px solid var(--cs-line);
        border-radius: var(--cs-radius-small);
        background: var(--cs-bg);
      }
      .compare strong {
        max-inline-size: 100%;
        font-size: clamp(1.4rem, 5.5vi, 1.9rem);
        line-height: 1.25;
        font-weight: 650;
        user-select: all;
      }
      .compare .long {
        font-size: 1.15rem;
      }
      .progress {
        display: grid;
        gap: 0.15rem;
      }
      .waiting svg {
        align-self: start;
        margin-block-start: 0.08rem;
      }
      .retry {
        padding-inline-start: 1.85rem;
        font-variant-numeric: tabular-nums;
      }
      .later {
        font-variant-numeric: tabular-nums;
      }
      .unreachable .waiting svg {
        color: var(--cs-warn);
        animation: none;
      }
    `,
  ]

  constructor() {
    super()
    new SecondTicker(this, () => this.#resendInMs > 0 || this.asked.wait?.phase === 'unreachable')
  }

  /** How the wait goes. A screen reader hears each change of that once, and not the seconds. */
  protected progress(words: { readonly subject: string; readonly host: string }): TemplateResult {
    const { wait } = this.asked
    const phase = wait?.phase ?? 'waiting'
    const retry = wait === null ? null : retryWords(wait, this.runtime.now())
    return html`<div class="progress ${phase}">
      <p class="waiting" role="status">${icon(phase === 'unreachable' ? 'clock' : 'running')}<span>${waitSentence(phase, words)}</span></p>
      ${retry === null ? nothing : html`<p class="retry muted">${retry}</p>`}
    </div>`
  }

  protected resendButton(label: string): TemplateResult {
    const isEarly = this.#resendInMs > 0
    return html`<button
      aria-disabled=${isEarly || this.isSending}
      aria-describedby=${isEarly ? 'resend-later' : nothing}
      @click=${this.#resend}
    >
      ${icon('retry')}<span>${label}</span>
    </button>`
  }

  /** How long until it can be sent once more; nothing once it can. Stands below the buttons, which stay where they are when it goes. */
  protected resendLater(deed: string): TemplateResult | typeof nothing {
    const leftMs = this.#resendInMs
    if (leftMs <= 0) return nothing
    return html`<p class="later muted" id="resend-later">You can ${deed} in ${Math.ceil(leftMs / 1000)} s.</p>`
  }

  get #resendInMs(): number {
    return this.asked.view.createdAt + RESEND_AFTER_MS - this.runtime.now()
  }

  #resend(): void {
    if (this.#resendInMs <= 0) this.resend()
  }
}
