import { html, type TemplateResult } from 'lit'
import { QuestionElement, type QuestionKind } from './question-element.ts'

class UnknownQuestion extends QuestionElement {
  override render(): TemplateResult {
    return html`<form @submit=${this.#submit}>
      <p class="muted">This page does not know questions of the kind “${this.question.kind}”. This is what was asked:</p>
      <pre tabindex="0" role="region" aria-label="The question as it was received">${JSON.stringify(this.question, null, 2)}</pre>
      <label class="field">
        Answer as text
        <textarea rows="2"></textarea>
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

/** A kind this page does not know: it can still be answered or left. */
export const unknownQuestion: QuestionKind = {
  tag: 'countersign-unknown-question',
  element: UnknownQuestion,
  heading: () => 'A question this page does not know',
  icon: () => 'question',
}
