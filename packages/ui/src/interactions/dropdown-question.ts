import type { Question } from '@countersign/core/protocol'
import { html, type TemplateResult } from 'lit'
import { QuestionElement, type QuestionKind } from './question-element.ts'

class DropdownQuestion extends QuestionElement<Question & { kind: 'dropdown' }> {
  override render(): TemplateResult {
    return html`<form @submit=${this.#submit}>
      <label class="field">
        Choose one
        <select required>
          <option value="" hidden selected>Please select</option>
          ${this.question.options.map((option) => html`<option value=${option.value}>${option.label}</option>`)}
        </select>
      </label>
      <div class="actions">
        <button class="primary" aria-disabled=${this.isSending}>Choose</button>
        <button class="quiet" type="button" aria-disabled=${this.isSending} @click=${this.cancel}>Cancel</button>
      </div>
    </form>`
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault()
    const value = this.renderRoot.querySelector('select')?.value ?? ''
    if (value !== '') this.accept(value)
  }
}

/** One of many. */
export const dropdownQuestion: QuestionKind = {
  tag: 'countersign-dropdown-question',
  element: DropdownQuestion,
  heading: () => 'Please choose',
  icon: () => 'question',
}
