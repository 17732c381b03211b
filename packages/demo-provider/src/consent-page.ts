import { detailPanels, scopeList } from './asked-list.ts'
import type { DetailWords } from './authorization-details.ts'
import { html } from './html.ts'
import type { Page } from './page.ts'
import type { AskedScope } from './scope-words.ts'

/** What the consent page shows. */
export interface ConsentView {
  readonly uid: string
  readonly clientName: string
  readonly redirectUri: string
  /** Who is asked. */
  readonly personName: string
  readonly scopes: readonly AskedScope[]
  readonly details: readonly DetailWords[]
  /** HTTP status; not 200 when an answer was neither yes nor no. */
  readonly status: number
}

/** Asks whether the client may have what it asked for; yes and no look alike. */
export function consentPage({ uid, clientName, redirectUri, personName, scopes, details, status }: ConsentView): Page {
  return {
    status,
    title: 'Allow access?',
    formLeadsTo: redirectUri,
    body: html`<h1>Allow access?</h1>
      <p><strong>${clientName}</strong> asks to:</p>
      ${scopeList(scopes)} ${detailPanels(details)}
      <p class="muted">
        You are signed in as <strong>${personName}</strong>. The answer goes to <code>${new URL(redirectUri).origin}</code>.
      </p>
      <form method="post" action="/interaction/${uid}">
        <div class="choices">
          <button type="submit" name="decision" value="allow">Allow</button>
          <button type="submit" name="decision" value="deny">Deny</button>
        </div>
      </form>`,
  }
}
