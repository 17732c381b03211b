import type { SessionView } from '@countersign/core/protocol'
import { html, type TemplateResult } from 'lit'
import type { AccountChange } from '../client/account-state.ts'
import { momentTime } from '../elements/moment-time.ts'
import { type AccountView, isPending } from './account-view.ts'

/** One browser the person is signed in with; the one in their hands is ended by signing out. */
export function sessionItem({ id, isCurrent, browser, createdAt, lastSeenAt }: SessionView, view: AccountView): TemplateResult {
  const change: AccountChange = { type: 'end-session', sessionId: id }
  const now = view.runtime.now()
  return html`<li class="session">
    <div>
      <h4><bdi>${browser}</bdi></h4>
      <p>Signed in ${momentTime(createdAt, now)}</p>
      <p>Last seen ${momentTime(lastSeenAt, now)}</p>
    </div>
    ${
      isCurrent
        ? html`<span class="here">This browser</span>`
        : html`<button aria-label="End ${browser}" aria-disabled=${view.pending !== null} @click=${() => view.change(change)}>
            ${isPending(view, change) ? 'Ending…' : 'End'}
          </button>`
    }
  </li>`
}
