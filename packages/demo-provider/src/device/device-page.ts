import { detailPanels, scopeList } from '../asked-list.ts'
import { html } from '../html.ts'
import type { Page } from '../page.ts'
import type { CodeProblem, WaitingDevice } from './device-codes.ts'

/** Asks for the code that another device shows. */
export function codePage(view: {
  readonly personName: string
  readonly formToken: string
  readonly problem?: CodeProblem | undefined
}): Page {
  const { personName, formToken, problem } = view
  return {
    status: problem === undefined ? 200 : STATUS[problem],
    title: 'Connect a device',
    shape: 'phone',
    body: html`<h1>Connect a device</h1>
      <p>A device or terminal shows a code: type it here. You are signed in as <strong>${personName}</strong>.</p>
      <form method="post" action="/device">
        <input type="hidden" name="token" value="${formToken}" />
        <label for="user_code">Code</label>
        <input
          id="user_code"
          class="code"
          name="user_code"
          type="text"
          required
          autofocus
          autocomplete="off"
          autocapitalize="characters"
          spellcheck="false"
          placeholder="XXXX-XXXX"
          ${problem === undefined ? undefined : html` aria-invalid="true" aria-describedby="code-error"`}
        />
        ${problem === undefined ? undefined : html`<p id="code-error" class="error" role="alert">${PROBLEM[problem]}</p>`}
        <button type="submit">Continue</button>
      </form>`,
  }
}

const STATUS: Readonly<Record<CodeProblem, number>> = { unknown: 400, expired: 400, used: 409, too_many: 429 }

const PROBLEM: Readonly<Record<CodeProblem, string>> = {
  unknown: 'There is no such code. Compare it with your device, letter by letter.',
  expired: 'This code has expired. Start again on your device.',
  used: 'This code was already used.',
  too_many: 'Too many wrong codes. Sign out, and start again on your device.',
}

/** What a device asks for, and whom. */
export interface DeviceView extends WaitingDevice {
  readonly personName: string
  readonly formToken: string
}

/** Shows the code again and asks whether this device is theirs: a code that somebody else sent is how people are tricked (RFC 8628 §5.4). */
export function confirmPage({ personName, formToken, userCode, clientName, scopes, details }: DeviceView): Page {
  return {
    title: 'Allow this device?',
    shape: 'phone',
    body: html`<h1>Allow this device?</h1>
      <p class="binding">${userCode}</p>
      <p class="warning">
        <strong>Only if you started this.</strong> The same code must stand on your own device now. If somebody sent you the code or this
        link, deny.
      </p>
      <p><strong>${clientName}</strong> asks to:</p>
      ${scopeList(scopes)} ${detailPanels(details)}
      <p class="muted">You are signed in as <strong>${personName}</strong>.</p>
      <form method="post" action="/device">
        <input type="hidden" name="token" value="${formToken}" />
        <input type="hidden" name="user_code" value="${userCode}" />
        <div class="choices">
          <button type="submit" name="decision" value="allow">Allow</button>
          <button type="submit" name="decision" value="deny">Deny</button>
        </div>
      </form>`,
  }
}

/** Says that it is done; the device finds out by itself. */
export function decidedPage(isAllowed: boolean): Page {
  return {
    title: isAllowed ? 'Device allowed' : 'Device denied',
    shape: 'phone',
    body: html`<h1>${isAllowed ? 'Device allowed' : 'Device denied'}</h1>
      <p>${isAllowed ? 'Go back to your device: it goes on by itself.' : 'Nothing was given to the device.'} You can close this page.</p>`,
  }
}
