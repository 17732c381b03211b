import type { DemoAccount } from './demo-accounts.ts'
import { html } from './html.ts'
import type { Page } from './page.ts'

/** What the sign-in of the phone and device pages shows. */
export interface PersonSignInView {
  /** Where the form goes. */
  readonly action: string
  readonly title: string
  readonly why: string
  /** Whoever can be chosen without typing all of a name. */
  readonly people: readonly DemoAccount[]
  /** Set when the name typed before was refused. */
  readonly refused: boolean
  /** Kept over the sign-in. */
  readonly userCode?: string | undefined
}

/** Asks whose phone, or which person before a device, this is. */
export function personSignInPage({ action, title, why, people, refused, userCode }: PersonSignInView): Page {
  return {
    status: refused ? 400 : 200,
    title,
    shape: 'phone',
    body: html`<h1>${title}</h1>
      <p>${why}</p>
      <form method="post" action="${action}">
        ${userCode === undefined ? undefined : html`<input type="hidden" name="user_code" value="${userCode}" />`}
        <label for="login">Your name</label>
        <input
          id="login"
          name="login"
          type="text"
          list="people"
          required
          autofocus
          autocomplete="username"
          spellcheck="false"
          aria-describedby="${refused ? 'login-error about-login' : 'about-login'}"
          ${refused ? html` aria-invalid="true"` : undefined}
        />
        <datalist id="people">${people.map(({ name }) => html`<option value="${name}"></option>`)}</datalist>
        ${refused ? html`<p id="login-error" class="error" role="alert">Type a name of 1 to 64 printable characters.</p>` : undefined}
        <p id="about-login" class="muted">A name, user name or e-mail address. There is no password.</p>
        <button type="submit">Sign in</button>
      </form>`,
  }
}
