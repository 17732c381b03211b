import { html } from './html.ts'
import type { Page } from './page.ts'

/** What went wrong, for a person in a browser. */
export interface Problem {
  /** HTTP status. */
  readonly status: number
  readonly title: string
  /** What to do about it. */
  readonly advice: string
  /** OAuth's own words, for whoever sets up the client. */
  readonly error?: string | undefined
  readonly description?: string | undefined
}

/** A plain page that says what happened and what to do now. */
export function errorPage({ status, title, advice, error, description }: Problem): Page {
  const detail = [error, description].filter((text) => text !== undefined).join(': ')
  return {
    status,
    title,
    body: html`<h1>${title}</h1>
      <p>${advice}</p>
      ${detail === '' ? undefined : html`<p class="panel"><code>${detail}</code></p>`}
      <p><a href="/">To the start page of this provider</a></p>`,
  }
}

/** The problem behind an answer of oidc-provider that cannot go back to the client (RFC 6749 §4.1.2.1). */
export function problemOf(status: number, error: string, description: string | undefined): Problem {
  const words = { status, error, description }
  switch (error) {
    case 'invalid_redirect_uri':
      return {
        ...words,
        title: 'This address is not registered',
        advice:
          'The app asked to be answered at an address it did not register, so nothing was sent there. ' +
          'Start the provider with this redirect URI, or correct it in the app.',
      }
    case 'invalid_client':
      return { ...words, title: 'This app is not known here', advice: 'Use one of the client ids listed on the start page.' }
    case 'server_error':
      return { ...words, title: 'Something broke', advice: 'The provider failed; its log says why. Go back to the app and try again.' }
    default:
      return {
        ...words,
        title: 'This request cannot be answered',
        advice: 'Go back to the app and start again. If that does not help, its request has to be corrected.',
      }
  }
}

/** For a path that is nobody's. */
export const NO_SUCH_PAGE: Problem = {
  status: 404,
  title: 'There is no such page',
  advice: 'Check the address, or begin at the start page.',
}

/** For a form that was not made for whoever is signed in here now. */
export const STALE_FORM: Problem = {
  status: 403,
  title: 'This form does not count',
  advice: 'The page was out of date, or the form was not sent from it. Open the page again and answer there.',
}

/** For a sign-in that is unknown, finished or expired. */
export const GONE_SIGN_IN: Problem = {
  status: 400,
  title: 'This sign-in is over',
  advice: 'It was finished, has expired, or was begun in another browser. Go back to the app and start again.',
}
