import type { Question } from '@countersign/core/protocol'
import { css, html, nothing, type TemplateResult } from 'lit'
import { outsideAddress } from '../auth/outside-address.ts'
import { scopeList } from '../auth/scope-list.ts'
import { icon } from '../icons.ts'
import { ClipboardCopy } from './clipboard-copy.ts'
import { ElsewhereQuestion } from './elsewhere-question.ts'
import type { QuestionKind } from './question-element.ts'
import { userCodeGroups } from './user-code-groups.ts'

class DeviceCodeQuestion extends ElsewhereQuestion<Question & { kind: 'device_code' }> {
  static override styles = [
    ...ElsewhereQuestion.styles,
    css`
      .compare strong {
        display: flex;
        flex-wrap: wrap;
        column-gap: 0.4em;
        font-family: var(--cs-mono);
        letter-spacing: 0.06em;
      }
    `,
  ]

  #copy: ClipboardCopy | null = null

  override render(): TemplateResult {
    const { host, scopes, tool } = this.question.device
    return html`<div class="stack">
      <p>
        The tool <code>${tool}</code> needs you to sign in at <strong><bdi>${host}</bdi></strong
        >, on this or on any other device.
      </p>
      ${
        scopes.length === 0
          ? nothing
          : html`<div class="wish">
              <p class="muted">It will be allowed to</p>
              ${scopeList(scopes, 'It will be allowed to')}
            </div>`
      }
      ${this.#code()} ${this.progress({ subject: 'you to finish there', host })}
      <div class="actions">
        ${this.#link()} ${this.resendButton('Get a new code')}
        <button class="quiet" aria-disabled=${this.isSending} @click=${this.cancel}>Cancel</button>
      </div>
      ${this.resendLater('get a new code')}
    </div>`
  }

  /** The code stays in sight also where the link has it: it is compared with what the page shows (RFC 8628 §3.3.1). */
  #code(): TemplateResult {
    const { userCode, verificationUri } = this.question.device
    const state = this.#copy?.state ?? 'idle'
    return html`<div class="compare">
      <p class="muted">Enter this code at <bdi class="address">${outsideAddress(verificationUri)?.href ?? verificationUri}</bdi></p>
      <span class="visually-hidden">${Array.from(userCode).join(' ')}</span>
      <strong dir="ltr" aria-hidden="true">${userCodeGroups(userCode).map((group) => html`<span>${group}</span>`)}</strong>
      <button class="link" @click=${this.#copyCode}>${state === 'copied' ? 'Code copied' : 'Copy the code'}</button>
      ${state === 'refused' ? html`<p class="muted" role="status">Your browser did not allow it. Select the code instead.</p>` : nothing}
      <p>Enter it only there, and only if you started this.</p>
      ${this.#linked === null ? html`<p class="note warn">This address is not protected, so it is not opened from here.</p>` : nothing}
    </div>`
  }

  /** Where the link leads: to the page with the code in it, if there is one. */
  get #linked(): URL | null {
    const { verificationUri, verificationUriComplete } = this.question.device
    return outsideAddress(verificationUriComplete) ?? outsideAddress(verificationUri)
  }

  #link(): TemplateResult | typeof nothing {
    const url = this.#linked
    if (url === null) return nothing
    return html`<a class="button primary" href=${url.href} target="_blank" rel="noopener noreferrer">
      ${icon('window')}<span>Open <bdi>${url.host}</bdi></span>
    </a>`
  }

  #copyCode(): void {
    this.#copy ??= new ClipboardCopy(this.runtime, () => this.requestUpdate())
    void this.#copy.copy(this.question.device.userCode)
  }
}

/** A code is to be typed at an address, on whatever device (RFC 8628). */
export const deviceCodeQuestion: QuestionKind = {
  tag: 'countersign-device-code-question',
  element: DeviceCodeQuestion,
  heading: () => 'Sign in with a code',
  icon: () => 'key',
  isSelfExplaining: true,
}
