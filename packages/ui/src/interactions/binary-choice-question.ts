import type { Option, Question } from '@countersign/core/protocol'
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { approvalDetails } from './approval-details.ts'
import { PressGuard } from './press-guard.ts'
import { QuestionElement, type QuestionKind } from './question-element.ts'

class BinaryChoiceQuestion extends QuestionElement<Question & { kind: 'binary_choice' }> {
  static override properties: PropertyDeclarations = { isConfirming: { state: true } }

  /** A risky approval was pressed once and must be pressed again. */
  declare isConfirming: boolean
  readonly #guard = new PressGuard()

  constructor() {
    super()
    this.isConfirming = false
  }

  override firstUpdated(): void {
    this.#guard.show(this.runtime)
  }

  override render(): TemplateResult {
    const { approval } = this.question
    return html`<div class="stack">
      ${approval === undefined ? nothing : html`${approvalDetails(approval)} ${this.#reason()}`}
      ${this.isConfirming ? html`<p class="note warn" role="status">This action is marked as high risk. Press again to confirm.</p>` : nothing}
      <div class="actions">
        ${this.#choices()}
        <button class="quiet" aria-disabled=${this.isSending} @click=${this.cancel}>Cancel</button>
      </div>
    </div>`
  }

  /** A no to an approval looks as strong as the yes (RFC 10027); of two plain answers the first is the usual one. */
  #choices(): TemplateResult {
    const [first, second] = this.question.options
    const isApproval = this.question.approval !== undefined
    const buttons = html`<button class="primary" aria-disabled=${this.isSending} @click=${() => this.#chooseFirst(first)}>
        <span dir="auto">${this.isConfirming ? `Confirm: ${first.label}` : first.label}</span>
      </button>
      <button class=${isApproval ? 'strong' : ''} aria-disabled=${this.isSending} @click=${() => this.#chooseSecond(second)}>
        <span dir="auto">${second.label}</span>
      </button>`
    return isApproval ? html`<div class="verdict">${buttons}</div>` : buttons
  }

  #reason(): TemplateResult {
    return html`<details class="reason">
      <summary>Add a reason</summary>
      <label class="field">
        Why not
        <textarea name="reason" rows="2" maxlength=${REASON_LIMIT} aria-describedby="about-reason" ?readonly=${this.isSending}></textarea>
      </label>
      <p class="muted" id="about-reason">The assistant is told it if you choose “${this.question.options[1].label}”.</p>
    </details>`
  }

  #chooseFirst(option: Option): void {
    if (this.#guard.isTooSoon(this.runtime)) return
    if (this.question.approval?.risk !== 'high' || this.isConfirming) {
      this.accept(option.value)
      return
    }
    this.#guard.show(this.runtime)
    this.isConfirming = true
  }

  #chooseSecond(option: Option): void {
    if (this.#guard.isTooSoon(this.runtime)) return
    if (this.question.approval === undefined) this.accept(option.value)
    else this.decline(this.renderRoot.querySelector('textarea')?.value)
  }
}

/** What the server takes; a reason is a sentence. */
const REASON_LIMIT = 1000

/** A choice of two; with `approval`, the consent to one action of a tool. */
export const binaryChoiceQuestion: QuestionKind = {
  tag: 'countersign-binary-choice-question',
  element: BinaryChoiceQuestion,
  heading: (question) => ('approval' in question ? 'Your approval is needed' : 'Please choose'),
  icon: (question) => ('approval' in question ? 'shield' : 'question'),
}
