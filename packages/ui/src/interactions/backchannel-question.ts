import type { Question } from '@countersign/core/protocol'
import { html, nothing, type TemplateResult } from 'lit'
import { scopeList } from '../auth/scope-list.ts'
import { ElsewhereQuestion } from './elsewhere-question.ts'
import type { QuestionKind } from './question-element.ts'

/** A message of more than this is read as text: it would fill a telephone. */
const LARGE_LIMIT = 40

class BackchannelQuestion extends ElsewhereQuestion<Question & { kind: 'backchannel' }> {
  override render(): TemplateResult {
    const { host, scopes, tool } = this.question.backchannel
    return html`<div class="stack">
      <p>
        The tool <code>${tool}</code> needs an approval. A request was sent to another device by <strong><bdi>${host}</bdi></strong
        >.
      </p>
      ${
        scopes.length === 0
          ? nothing
          : html`<div class="wish">
              <p class="muted">If it is approved there, the tool is allowed to</p>
              ${scopeList(scopes, 'If it is approved there, the tool is allowed to')}
            </div>`
      }
      ${this.#words()} ${this.progress({ subject: 'an answer on the other device', host })}
      <div class="actions">
        ${this.resendButton('Send again')}
        <button class="quiet" aria-disabled=${this.isSending} @click=${this.cancel}>Cancel</button>
      </div>
      ${this.resendLater('send it again')}
    </div>`
  }

  /** Whoever compares the words knows that it is this request which is approved (CIBA Core §7.1). */
  #words(): TemplateResult {
    const { bindingMessage } = this.question.backchannel
    if (bindingMessage === undefined)
      return html`<p>It is to be approved on the other device only if it was started here. If in doubt, deny it there.</p>`
    return html`<div class="compare">
      <p class="muted">Check that the device shows the same words:</p>
      <strong class=${bindingMessage.length > LARGE_LIMIT ? 'long' : ''} dir="auto">${bindingMessage}</strong>
      <p class="muted">If it shows others, deny the request there.</p>
    </div>`
  }
}

/** Somebody is asked on a device of theirs (CIBA). */
export const backchannelQuestion: QuestionKind = {
  tag: 'countersign-backchannel-question',
  element: BackchannelQuestion,
  heading: () => 'An approval is asked for on another device',
  icon: () => 'device',
  isSelfExplaining: true,
}
