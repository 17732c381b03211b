import { DEMO_CLIENTS } from './demo-clients.ts'
import type { DemoClient } from './demo-clients.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'
import type { Page } from './page.ts'

/** What the home page shows. */
export interface HomeView {
  readonly issuer: string
  readonly redirectUris: readonly string[]
  /** Who is signed in here in this browser, and the token that lets this page sign them out. */
  readonly signedIn: { readonly name: string; readonly signOutToken: string } | undefined
}

/** Says what this is, who may use it, and who is signed in. */
export function homePage({ issuer, redirectUris, signedIn }: HomeView): Page {
  const clients: readonly DemoClient[] = Object.values(DEMO_CLIENTS)
  return {
    title: 'Start',
    body: html`<h1>An OpenID provider for demos</h1>
      <p>
        Apps send people here to sign in and to allow or deny access. It runs on this computer only, and anybody may sign in under any name.
      </p>
      ${signedIn === undefined ? html`<p class="panel">Nobody is signed in here in this browser.</p>` : signedInPanel(signedIn)}
      <h2>For apps</h2>
      <dl>
        <dt>Issuer</dt>
        <dd><code>${issuer}</code></dd>
        <dt>Discovery</dt>
        <dd><a href="/.well-known/openid-configuration">/.well-known/openid-configuration</a></dd>
        <dt>Redirect URIs</dt>
        ${redirectUris.map((uri) => html`<dd><code>${uri}</code></dd>`)}
      </dl>
      <h2>Clients</h2>
      <dl>${clients.map(clientItem)}</dl>`,
  }
}

function signedInPanel({ name, signOutToken }: { readonly name: string; readonly signOutToken: string }): Html {
  return html`<form class="panel" method="post" action="/sign-out">
    <p>Signed in here as <strong>${name}</strong>.</p>
    <input type="hidden" name="token" value="${signOutToken}" />
    <button class="plain" type="submit">Sign out</button>
  </form>`
}

function clientItem({ clientId, clientSecret, authentication }: DemoClient): Html {
  const secret = clientSecret === undefined ? undefined : html`, secret <code>${clientSecret}</code>`
  return html`<dt><code>${clientId}</code></dt>
    <dd>${authentication}${secret}</dd>`
}
