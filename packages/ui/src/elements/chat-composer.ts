import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { icon } from '../icons.ts'
import { base, controls } from '../theme.ts'
import { announce } from './chat-events.ts'
import { FocusKeeper } from './focus-keeper.ts'

/**
 * Where a person writes. Enter sends, Shift+Enter begins a line, and Enter that ends an input method's word does neither. The arrow up in an
 * empty field brings back what was said last; Escape stops what runs.
 */
export class ChatComposer extends LitElement {
  static override styles = [
    base,
    controls,
    css`
      form {
        display: flex;
        align-items: end;
        gap: 0.5rem;
        padding: 0.4rem;
        border: 1px solid var(--cs-line-strong);
        border-radius: 16px;
        background: var(--cs-surface);
      }
      form:focus-within {
        border-color: var(--cs-focus);
        outline: 1px solid var(--cs-focus);
      }
      textarea {
        flex: 1;
        inline-size: 0;
        min-inline-size: 0;
        max-block-size: 12rem;
        border: 0;
        background: none;
        outline: none;
        resize: none;
        field-sizing: content;
        line-height: 1.5;
      }
      textarea:focus-visible {
        outline: none;
      }
      button.icon {
        border-radius: 12px;
      }
      button.stop svg {
        fill: currentColor;
      }
      .warning {
        padding: 0.35rem 1rem 0;
        color: var(--cs-muted);
        font-size: 0.875rem;
      }
    `,
  ]
  static override properties = {
    isBusy: { attribute: false },
    isStopping: { attribute: false },
    lastSaid: { attribute: false },
    isEmpty: { state: true },
  }

  /** Something runs that can be stopped. */
  declare isBusy: boolean
  declare isStopping: boolean
  /** What the person said last, to be said again in other words. */
  declare lastSaid: string
  declare isEmpty: boolean

  constructor() {
    super()
    this.isBusy = false
    this.isStopping = false
    this.lastSaid = ''
    this.isEmpty = true
    // Stop goes away when there is nothing more to stop.
    new FocusKeeper(this, () => this.focus())
  }

  override focus(): void {
    this.#field?.focus()
  }

  override render(): TemplateResult {
    const isInterrupting = this.isBusy && !this.isEmpty
    return html`<form @submit=${this.#onSubmit}>
        <textarea
          rows="1"
          dir="auto"
          aria-label="Message"
          aria-describedby="warning"
          placeholder="Write a message"
          enterkeyhint="send"
          @input=${this.#onInput}
          @keydown=${this.#onKey}
        ></textarea>
        ${this.isBusy ? this.#stopButton() : nothing}
        ${this.isBusy && this.isEmpty ? nothing : html`<button class="icon primary" aria-label="Send" title="Send" ?disabled=${this.isEmpty}>${icon('send')}</button>`}
      </form>
      <p class="warning" id="warning" ?hidden=${!isInterrupting}>
        Sending this stops what the assistant is doing, and withdraws what it asked.
      </p>`
  }

  #stopButton(): TemplateResult {
    return html`<button
      class="icon stop"
      type="button"
      aria-label="Stop"
      title="Stop"
      aria-disabled=${this.isStopping}
      @click=${this.#stop}
    >
      ${icon('stop')}
    </button>`
  }

  get #field(): HTMLTextAreaElement | null {
    return this.renderRoot.querySelector('textarea')
  }

  #onInput(): void {
    this.isEmpty = (this.#field?.value ?? '').trim() === ''
  }

  #onKey(event: KeyboardEvent): void {
    if (event.isComposing || event.keyCode === IME_KEY_CODE) return
    if (event.key === 'Enter' && !event.shiftKey) this.#send()
    else if (event.key === 'Escape' && this.isBusy) this.#stop()
    else if (event.key === 'ArrowUp' && this.isEmpty && this.lastSaid !== '') this.#recall()
    else return
    event.preventDefault()
  }

  #stop(): void {
    if (!this.isStopping) announce(this, 'countersign-stop', null)
  }

  #recall(): void {
    const field = this.#field
    if (field === null) return
    field.value = this.lastSaid
    field.select()
    this.#onInput()
  }

  #onSubmit(event: SubmitEvent): void {
    event.preventDefault()
    this.#send()
  }

  #send(): void {
    const field = this.#field
    const text = field?.value.trim() ?? ''
    if (field === null || text === '') return
    announce(this, 'countersign-say', { text })
    field.value = ''
    this.isEmpty = true
    field.focus()
  }
}

/** Safari ends the composition before the Enter that ended it; its key code still tells. */
const IME_KEY_CODE = 229
