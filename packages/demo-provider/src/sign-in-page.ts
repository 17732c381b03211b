import { html } from './html.ts'
import type { Page } from './page.ts'

/** What the sign-in page shows. */
export interface SignInView {
  readonly uid: string
  readonly clientName: string
  readonly redirectUri: string
  /** What stands in the field: a hint, or what was typed before. */
  readonly typed: string
  /** Set when the name typed before was refused. */
  readonly refused: boolean
}

/** Asks for a name, which is all it takes here. */
export function signInPage({ uid, clientName, redirectUri, typed, refused }: SignInView): Page {
  return {
    status: refused ? 400 : 200,
    title: 'Sign in',
    formLeadsTo: redirectUri,
    body: html`<h1>Sign in</h1>
      <p>to continue to <strong>${clientName}</strong></p>
      <form method="post" action="/interaction/${uid}">
        <label for="login">Your name</label>
        <input
          id="login"
          name="login"
          type="text"
          value="${typed}"
          required
          autofocus
          autocomplete="username"
          spellcheck="false"
          aria-describedby="${refused ? 'login-error about-login' : 'about-login'}"
          ${refused ? html` aria-invalid="true"` : undefined}
        />
        ${refused ? html`<p id="login-error" class="error" role="alert">Type a name of 1 to 64 printable characters.</p>` : undefined}
        <p id="about-login" class="muted">Any name will do. There is no password, and the same name is always the same person.</p>
        <div class="choices">
          <button type="submit">Sign in</button>
          <button class="plain" type="submit" name="decision" value="cancel" formnovalidate>Cancel</button>
        </div>
      </form>`,
  }
}
