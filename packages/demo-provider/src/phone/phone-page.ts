import { detailWords } from '../authorization-details.ts'
import { detailPanels } from '../asked-list.ts'
import { html } from '../html.ts'
import type { Html } from '../html.ts'
import type { Page } from '../page.ts'
import type { AskedScope } from '../scope-words.ts'
import type { PhoneRequest, PhoneRequestState } from './phone-requests.ts'

/** What a person's phone shows. */
export interface PhoneView {
  readonly personName: string
  readonly formToken: string
  /** The newest first. */
  readonly requests: readonly PhoneRequest[]
  /** Epoch milliseconds. */
  readonly now: number
  readonly wordsOf: (request: PhoneRequest) => readonly AskedScope[]
}

/** The person's phone: what waits for them, and what became of the rest. The script keeps it up to date; without it, a link does. */
export function phonePage(view: PhoneView): Page {
  const waiting = view.requests.filter(({ state }) => state === 'pending')
  const over = view.requests.filter(({ state }) => state !== 'pending').slice(0, SHOWN)
  return {
    title: waiting.length > 0 ? `(${waiting.length}) Phone` : 'Phone',
    shape: 'phone',
    script: '/phone.js',
    body: html`<h1>${view.personName}'s phone</h1>
      <div id="waiting" aria-live="polite">
        ${waiting.map((request) => requestCard(view, request))}
        ${waiting.length > 0 ? undefined : html`<p id="nothing" class="panel">Nothing is waiting for you. Requests show here by themselves.</p>`}
      </div>
      ${LOOK_AGAIN}
      <div id="over">${over.length === 0 ? undefined : overList(over)}</div>
      <form method="post" action="/phone/sign-out">
        <input type="hidden" name="token" value="${view.formToken}" />
        <button class="plain" type="submit">Sign out</button>
      </form>`,
  }
}

const SHOWN = 10

const LOOK_AGAIN = html`<noscript><a href="/phone">Look again</a></noscript>`

/** One question. The binding message is what the person compares, so nothing stands out more. */
function requestCard({ formToken, now, wordsOf }: PhoneView, request: PhoneRequest): Html {
  const { id, clientName, bindingMessage, expiresAt, details } = request
  return html`<article id="request-${id}" class="request" data-request="${id}">
    <h2>${clientName} asks you</h2>
    ${
      bindingMessage === undefined
        ? html`<p class="muted">It sent no message to compare.</p>`
        : html`<p class="binding">${bindingMessage}</p>
            <p class="muted">Approve only if you expect this, and the same words stand where it began.</p>`
    }
    <form method="post" action="/phone/decide">
      <input type="hidden" name="token" value="${formToken}" />
      <input type="hidden" name="request" value="${id}" />
      ${detailPanels(detailWords(details))}
      <fieldset>
        <legend>It wants to</legend>
        ${wordsOf(request).map(scopeChoice)}
      </fieldset>
      <p class="muted">Expires in <time data-until="${String(expiresAt)}">${countdown(expiresAt - now)}</time></p>
      <div class="choices">
        <button type="submit" name="decision" value="approve">Approve</button>
        <button type="submit" name="decision" value="deny">Deny</button>
      </div>
    </form>
  </article>`
}

/** Who the person is cannot be left out of the answer to who they are. */
function scopeChoice({ scope, words }: AskedScope): Html {
  const isFixed = scope === 'openid'
  return html`<label class="scope">
    <input type="checkbox" name="scope" value="${scope}" checked ${isFixed ? html`disabled` : undefined} />
    <span>${words} <code class="muted">${scope}</code></span>
  </label>`
}

function overList(requests: readonly PhoneRequest[]): Html {
  const items = requests.map(
    ({ clientName, bindingMessage, state }) =>
      html`<li class="${state}">
        <strong>${STATE_WORDS[state]}</strong>: ${clientName}${bindingMessage === undefined ? undefined : html`, “${bindingMessage}”`}
      </li>`,
  )
  return html`<h2>Earlier</h2>
    <ul class="earlier">
      ${items}
    </ul>`
}

/** What became of a request, for its person. */
export const STATE_WORDS: Readonly<Record<PhoneRequestState, string>> = {
  pending: 'Waiting',
  approved: 'Approved',
  narrowed: 'Approved in part',
  denied: 'Denied',
  expired: 'Expired',
}

function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
