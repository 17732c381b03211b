import type { Question } from '@countersign/core/protocol'
import { html, type TemplateResult } from 'lit'
import { optionLabel } from './option-label.ts'
import { QuestionElement, type QuestionKind } from './question-element.ts'

class RadioQuestion extends QuestionElement<Question & { kind: 'radio' }> {
  override render(): TemplateResult {
    return html`<form @submit=${this.#submit}>
      <fieldset>
        <legend>Choose one</legend>
        ${this.question.options.map(
          (option) =>
            html`<label class="option">
              <input type="radio" name="choice" value=${option.value} required />
              ${optionLabel(option)}
            </label>`,
        )}
      </fieldset>
      <div class="actions">
        <button class="primary" aria-disabled=${this.isSending}>Choose</button>
        <button class="quiet" type="button" aria-disabled=${this.isSending} @click=${this.cancel}>Cancel</button>
      </div>
    </form>`
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault()
    const chosen = this.renderRoot.querySelector<HTMLInputElement>('input:checked')
    if (chosen !== null) this.accept(chosen.value)
  }
}

/** One of several, all visible. */
export const radioQuestion: QuestionKind = {
  tag: 'countersign-radio-question',
  element: RadioQuestion,
  heading: () => 'Please choose',
  icon: () => 'question',
}
