import { css, html, LitElement, type TemplateResult } from 'lit'
import type { BrowserRuntime } from '../client/browser-runtime.ts'
import { PressGuard } from '../interactions/press-guard.ts'
import { base, controls } from '../theme.ts'

/**
 * A change that says what it does before it is done: pressed, the button explains; pressed again, it dispatches `confirm`. The focus stays
 * with the person through both.
 */
export class ConfirmButton extends LitElement {
  static override styles = [
    base,
    controls,
    css`
      :host {
        display: grid;
        justify-items: start;
      }
      .confirm {
        display: grid;
        gap: 0.75rem;
        justify-self: stretch;
        padding: 0.85rem 1rem;
        border: 1px solid transparent;
        border-radius: var(--cs-radius-small);
        background: var(--cs-warn-soft);
        line-height: 1.5;
      }
      .confirm p:focus-visible {
        outline: none;
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem;
      }
    `,
  ]
  static override properties = {
    runtime: { attribute: false },
    words: { attribute: false },
    isDisabled: { attribute: false },
    isAsking: { attribute: 'asking', type: Boolean, reflect: true },
  }

  declare runtime: BrowserRuntime
  declare words: {
    /** On the button. */
    readonly label: string
    /** The label with what it is about, for those who do not see what stands around it. */
    readonly about?: string
    /** What will happen. */
    readonly explanation: string
    readonly confirm: string
    readonly keep: string
  }
  declare isDisabled: boolean
  declare isAsking: boolean
  readonly #guard = new PressGuard()

  constructor() {
    super()
    this.isDisabled = false
    this.isAsking = false
  }

  override render(): TemplateResult {
    const { label, about, explanation, confirm, keep } = this.words
    if (!this.isAsking)
      return html`<button aria-label=${about ?? label} aria-disabled=${this.isDisabled} @click=${() => this.#ask(true)}>${label}</button>`
    return html`<div class="confirm" role="group" aria-labelledby="explanation" @keydown=${this.#onKey}>
      <p id="explanation" tabindex="-1">${explanation}</p>
      <div class="actions">
        <button class="danger" aria-disabled=${this.isDisabled} @click=${this.#confirm}>${confirm}</button>
        <button aria-disabled=${this.isDisabled} @click=${() => this.#ask(false)}>${keep}</button>
      </div>
    </div>`
  }

  #ask(isAsking: boolean): void {
    this.#guard.show(this.runtime)
    this.isAsking = isAsking
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>(isAsking ? '#explanation' : 'button')?.focus())
  }

  #confirm(): void {
    if (!this.#guard.isTooSoon(this.runtime)) this.dispatchEvent(new CustomEvent('confirm'))
  }

  /** Escape leaves this step, not the whole dialog around it. */
  #onKey(event: KeyboardEvent): void {
    if (event.key !== 'Escape') return
    event.preventDefault()
    event.stopPropagation()
    this.#ask(false)
  }
}
