import type { ApprovalDetails, JsonValue, Option, Question } from '@countersign/core/protocol'
import { html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { QuestionElement, type QuestionKind } from './question-element.ts'

/** A click this soon after the buttons appeared was meant for something else. */
const GUARD_MS = 300

class BinaryChoiceQuestion extends QuestionElement<Question & { kind: 'binary_choice' }> {
  static override properties: PropertyDeclarations = { isConfirming: { state: true } }

  /** A risky approval was pressed once and must be pressed again. */
  declare isConfirming: boolean
  #shownAt: number | null = null

  constructor() {
    super()
    this.isConfirming = false
  }

  override firstUpdated(): void {
    this.#shownAt = this.runtime.now()
  }

  override render(): TemplateResult {
    const [first, second] = this.question.options
    const { approval } = this.question
    return html`<div class="stack">
      ${approval === undefined ? nothing : approvalDetails(approval)}
      ${this.isConfirming ? html`<p class="note warn" role="status">This action is marked as high risk. Press again to confirm.</p>` : nothing}
      <div class="actions">
        <button class="primary" ?disabled=${this.isSending} @click=${() => this.#chooseFirst(first)}>
          ${this.isConfirming ? `Confirm: ${first.label}` : first.label}
        </button>
        <button ?disabled=${this.isSending} @click=${() => this.#choose(second)}>${second.label}</button>
        <button class="quiet" ?disabled=${this.isSending} @click=${this.cancel}>Cancel</button>
      </div>
    </div>`
  }

  #chooseFirst(option: Option): void {
    if (this.question.approval?.risk !== 'high' || this.isConfirming) {
      this.#choose(option)
      return
    }
    if (this.#isTooSoon()) return
    this.#shownAt = this.runtime.now()
    this.isConfirming = true
  }

  #choose(option: Option): void {
    if (!this.#isTooSoon()) this.accept(option.value)
  }

  #isTooSoon(): boolean {
    return this.#shownAt === null || this.runtime.now() - this.#shownAt < GUARD_MS
  }
}

function approvalDetails({ tool, arguments: args, risk }: ApprovalDetails): TemplateResult {
  return html`<dl>
    <dt>Action</dt>
    <dd><code>${tool}</code></dd>
    ${Object.entries(args).map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${argumentText(value)}</dd>`,
    )}
    ${
      risk === undefined
        ? nothing
        : html`<dt>Risk</dt>
            <dd><span class="risk ${risk}">${risk}</span></dd>`
    }
  </dl>`
}

/** What fits a line is easier to compare on one. */
const LINE_LIMIT = 60

function argumentText(value: JsonValue): string {
  if (typeof value === 'string') return value
  const line = JSON.stringify(value)
  return line.length <= LINE_LIMIT ? line : JSON.stringify(value, null, 2)
}

/** A choice of two; with `approval`, the consent to one action of a tool. */
export const binaryChoiceQuestion: QuestionKind = {
  tag: 'countersign-binary-choice-question',
  element: BinaryChoiceQuestion,
  heading: (question) => ('approval' in question ? 'Your approval is needed' : 'Please choose'),
  icon: 'shield',
}
