import type { Question } from '@countersign/core/protocol'
import { html, type TemplateResult } from 'lit'
import { optionLabel } from './option-label.ts'
import { QuestionElement, type QuestionKind } from './question-element.ts'

class CheckboxQuestion extends QuestionElement<Question & { kind: 'checkbox' }> {
  override render(): TemplateResult {
    return html`<form @submit=${this.#submit}>
      <fieldset>
        <legend>Choose any number</legend>
        ${this.question.options.map(
          (option) =>
            html`<label class="option">
              <input type="checkbox" value=${option.value} />
              ${optionLabel(option)}
            </label>`,
        )}
      </fieldset>
      <div class="actions">
        <button class="primary" aria-disabled=${this.isSending}>Send choice</button>
        <button class="quiet" type="button" aria-disabled=${this.isSending} @click=${this.cancel}>Cancel</button>
      </div>
    </form>`
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault()
    const chosen = this.renderRoot.querySelectorAll<HTMLInputElement>('input:checked')
    this.accept(Array.from(chosen, ({ value }) => value))
  }
}

/** Any number of several. */
export const checkboxQuestion: QuestionKind = {
  tag: 'countersign-checkbox-question',
  element: CheckboxQuestion,
  heading: () => 'Please choose',
  icon: () => 'question',
}
