import type { Question } from '@countersign/core/protocol'
import { html, type TemplateResult } from 'lit'
import { QuestionElement, type QuestionKind } from './question-element.ts'

class TextQuestion extends QuestionElement<Question & { kind: 'text' }> {
  override render(): TemplateResult {
    const { placeholder, required } = this.question
    return html`<form @submit=${this.#submit}>
      <label class="field">
        Your answer
        <textarea name="answer" rows="2" placeholder=${placeholder ?? ''} ?required=${required ?? true}></textarea>
      </label>
      <div class="actions">
        <button class="primary" aria-disabled=${this.isSending}>Send answer</button>
        <button class="quiet" type="button" aria-disabled=${this.isSending} @click=${this.cancel}>Cancel</button>
      </div>
    </form>`
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault()
    this.accept(this.renderRoot.querySelector('textarea')?.value ?? '')
  }
}

/** A free text. */
export const textQuestion: QuestionKind = {
  tag: 'countersign-text-question',
  element: TextQuestion,
  heading: () => 'A question for you',
  icon: () => 'question',
}
