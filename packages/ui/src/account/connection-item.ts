import type { Connection } from '@countersign/core/protocol'
import { html, type TemplateResult } from 'lit'
import { scopeList } from '../auth/scope-list.ts'
import type { AccountChange } from '../client/account-state.ts'
import { momentTime } from '../elements/moment-time.ts'
import { type AccountView, isPending } from './account-view.ts'

/** One account that the assistant may use: where, for what, how long, and how it is ended. */
export function connectionItem(connection: Connection, view: AccountView): TemplateResult {
  const { id, host, provider, scopes, connectedAt, expiresAt } = connection
  const change: AccountChange = { type: 'disconnect', connectionId: id, host }
  const now = view.runtime.now()
  const words = {
    label: isPending(view, change) ? 'Disconnecting…' : 'Disconnect',
    about: `Disconnect ${host}`,
    explanation: `The assistant loses this access, and ${host} is told to withdraw it. What was already done stays done.`,
    confirm: `Disconnect ${host}`,
    keep: 'Keep it',
  }
  return html`<li class="item">
    <div>
      <h4><bdi>${host}</bdi></h4>
      <p>${provider}, connected ${momentTime(connectedAt, now)}</p>
    </div>
    ${scopeList(scopes, `What ${host} allows`)}
    <div class="end">
      <p>${expiresAt === null ? 'Lasts until you disconnect it' : html`Lasts until ${momentTime(expiresAt, now)}`}</p>
      <countersign-confirm
        .words=${words}
        .runtime=${view.runtime}
        .isDisabled=${view.pending !== null}
        @confirm=${() => view.change(change)}
      ></countersign-confirm>
    </div>
  </li>`
}
