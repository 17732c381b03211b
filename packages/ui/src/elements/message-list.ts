import type { Me } from '@countersign/core/protocol'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { BrowserRuntime } from '../client/browser-runtime.ts'
import type { Turn } from '../client/chat-state.ts'
import { icon } from '../icons.ts'
import type { QuestionCard } from '../interactions/question-card.ts'
import { base, controls } from '../theme.ts'
import { FocusKeeper } from './focus-keeper.ts'
import type { ChatTurn } from './chat-turn.ts'

/** Closer to the end than this counts as reading along. */
const AT_END_PX = 80

/** The transcript. It follows the end while the person reads along, and stays where it is otherwise. */
export class MessageList extends LitElement {
  static override styles = [
    base,
    controls,
    css`
      :host {
        position: relative;
        min-block-size: 0;
      }
      .scroll {
        block-size: 100%;
        overflow-y: auto;
        overscroll-behavior: contain;
      }
      @media (min-width: 48rem) {
        .scroll {
          scrollbar-gutter: stable both-edges;
        }
      }
      .column {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 2rem;
        max-inline-size: var(--cs-column);
        margin-inline: auto;
        padding: 1.5rem 1rem;
      }
      button {
        position: absolute;
        inset-block-end: 0.75rem;
        inset-inline-start: 50%;
        translate: -50%;
        border-radius: 99px;
        box-shadow: 0 2px 8px rgb(0 0 0 / 18%);
        white-space: nowrap;
      }
      button svg {
        inline-size: 1rem;
        block-size: 1rem;
      }
    `,
  ]
  static override properties = {
    turns: { attribute: false },
    isBusy: { attribute: false },
    runtime: { attribute: false },
    origin: { attribute: false },
    viewer: { attribute: false },
    isAtEnd: { state: true },
  }

  declare turns: readonly Turn[]
  declare isBusy: boolean
  declare runtime: BrowserRuntime
  declare origin: string
  declare viewer: Me['principal'] | null
  declare isAtEnd: boolean
  #observer: ResizeObserver | null = null

  constructor() {
    super()
    this.turns = []
    this.isBusy = false
    this.viewer = null
    this.isAtEnd = true
    new FocusKeeper(this, () => this.focus())
  }

  /** The questions that wait for the person, in the order asked. */
  get openCards(): readonly QuestionCard[] {
    return Array.from(this.renderRoot.querySelectorAll<ChatTurn>('countersign-turn')).flatMap(({ cards }) =>
      cards.filter(({ isOpen }) => isOpen),
    )
  }

  override focus(): void {
    this.renderRoot.querySelector<HTMLElement>('.scroll')?.focus()
  }

  /** Goes to the newest words, as after the person's own message. */
  followEnd(): void {
    this.isAtEnd = true
    this.#scrollToEnd()
  }

  override render(): TemplateResult {
    return html`<div
        class="scroll"
        tabindex="0"
        role="log"
        aria-label="Conversation"
        aria-live="off"
        aria-busy=${this.isBusy}
        @scroll=${this.#onScroll}
      >
        <div class="column">
          <slot></slot>
          ${repeat(
            this.turns,
            ({ messageId }) => messageId,
            (turn) =>
              html`<countersign-turn
                .turn=${turn}
                .isLast=${turn === this.turns.at(-1)}
                .runtime=${this.runtime}
                .origin=${this.origin}
                .viewer=${this.viewer}
              ></countersign-turn>`,
          )}
        </div>
      </div>
      ${this.isAtEnd ? nothing : html`<button @click=${this.followEnd}>${icon('down')}To the newest</button>`}`
  }

  override firstUpdated(): void {
    this.#observe()
  }

  override connectedCallback(): void {
    super.connectedCallback()
    if (this.hasUpdated) this.#observe()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#observer?.disconnect()
  }

  /** The text grows after this element's own update, inside the turns; so its size is what tells. */
  #observe(): void {
    this.#observer = new ResizeObserver(() => this.isAtEnd && this.#scrollToEnd())
    for (const part of this.renderRoot.querySelectorAll('.scroll, .column')) this.#observer.observe(part)
  }

  #onScroll({ currentTarget }: Event): void {
    if (!(currentTarget instanceof HTMLElement)) return
    this.isAtEnd = currentTarget.scrollHeight - currentTarget.scrollTop - currentTarget.clientHeight < AT_END_PX
  }

  #scrollToEnd(): void {
    const scroll = this.renderRoot.querySelector('.scroll')
    if (scroll !== null) scroll.scrollTop = scroll.scrollHeight
  }
}
