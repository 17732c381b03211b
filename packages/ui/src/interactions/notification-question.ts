import type { Question } from '@countersign/core/protocol'
import { html, type TemplateResult } from 'lit'
import { QuestionElement, type QuestionKind } from './question-element.ts'

class NotificationQuestion extends QuestionElement<Question & { kind: 'notification' }> {
  override render(): TemplateResult {
    return html`<div class="actions">
      <button class="primary" aria-disabled=${this.isSending} @click=${() => this.accept(null)}>OK</button>
    </div>`
  }
}

/** Something the person should know. Our server ends it by showing it; one that is still open is answered by taking note. */
export const notificationQuestion: QuestionKind = {
  tag: 'countersign-notification-question',
  element: NotificationQuestion,
  heading: () => 'Please note',
  icon: () => 'info',
}
