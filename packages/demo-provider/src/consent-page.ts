import { html } from './html.ts'
import type { Page } from './page.ts'
import { SCOPE_WORDS } from './scopes.ts'

/** What the consent page shows. */
export interface ConsentView {
  readonly uid: string
  readonly clientName: string
  readonly redirectUri: string
  /** Who is asked. */
  readonly personName: string
  readonly scopes: readonly string[]
  /** HTTP status; not 200 when an answer was neither yes nor no. */
  readonly status: number
}

/** Asks whether the client may have what it asked for; yes and no look alike. */
export function consentPage({ uid, clientName, redirectUri, personName, scopes, status }: ConsentView): Page {
  const items = scopes.map((scope) => html`<li>${SCOPE_WORDS.get(scope) ?? scope} <code class="muted">${scope}</code></li>`)
  return {
    status,
    title: 'Allow access?',
    formLeadsTo: redirectUri,
    body: html`<h1>Allow access?</h1>
      <p><strong>${clientName}</strong> asks to:</p>
      <ul>
        ${items.length > 0 ? items : html`<li>Confirm that you signed in</li>`}
      </ul>
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
