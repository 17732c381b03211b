import type { DemoAccount } from './demo-accounts.ts'
import { DEMO_PRIVATE_KEY, HEADLESS_CLIENTS } from './demo-clients.ts'
import type { DemoClient } from './demo-clients.ts'
import type { DemoResource } from './demo-resources.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'
import type { Page } from './page.ts'

/** What the home page shows. */
export interface HomeView {
  readonly issuer: string
  readonly redirectUris: readonly string[]
  readonly clients: readonly DemoClient[]
  readonly resources: readonly DemoResource[]
  readonly people: readonly DemoAccount[]
  /** Who is signed in here in this browser, and the token that lets this page sign them out. */
  readonly signedIn: { readonly name: string; readonly signOutToken: string } | undefined
}

/** Says what this is, who may use it, and who is signed in. */
export function homePage({ issuer, redirectUris, clients, resources, people, signedIn }: HomeView): Page {
  return {
    title: 'Start',
    body: html`<h1>An OpenID provider for demos</h1>
      <p>
        Apps send people here to sign in and to allow or deny access. It runs on this computer only, and anybody may sign in under any name.
      </p>
      ${signedIn === undefined ? html`<p class="panel">Nobody is signed in here in this browser.</p>` : signedInPanel(signedIn)}
      <h2>For people</h2>
      <dl>
        <dt><a href="/phone">Phone</a></dt>
        <dd>Where apps without a browser ask: approve or deny what they want to do for you.</dd>
        <dt><a href="/device">Device</a></dt>
        <dd>Connect a terminal or device that shows a code.</dd>
        <dt>People who can be asked at once</dt>
        ${people.map(({ name, sub, email }) => html`<dd>${name}: <code>${sub}</code>, <code>${email}</code></dd>`)}
      </dl>
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
      <dl>${clients.map(clientItem)}</dl>
      <h2>APIs</h2>
      <dl>${resources.map(resourceItem)}</dl>`,
  }
}

function signedInPanel({ name, signOutToken }: { readonly name: string; readonly signOutToken: string }): Html {
  return html`<form class="panel" method="post" action="/sign-out">
    <p>Signed in here as <strong>${name}</strong>.</p>
    <input type="hidden" name="token" value="${signOutToken}" />
    <button class="plain" type="submit">Sign out</button>
  </form>`
}

function clientItem({
  clientId,
  clientSecret,
  authentication,
  grants = ['authorization_code', 'refresh_token'],
  pingEndpoint,
}: DemoClient): Html {
  const secret = clientSecret === undefined ? undefined : html`, secret <code>${clientSecret}</code>`
  const ping = pingEndpoint === undefined ? undefined : html`<dd>pinged at <code>${pingEndpoint}</code></dd>`
  return html`<dt><code>${clientId}</code></dt>
    <dd>${authentication}${secret}</dd>
    <dd>${grants.join(', ')}</dd>
    ${ping} ${clientId === HEADLESS_CLIENTS.serviceKey.clientId ? privateKey() : undefined}`
}

function privateKey(): Html {
  return html`<dd>
    <details>
      <summary>Its private key, for demos</summary>
      <code>${JSON.stringify(DEMO_PRIVATE_KEY)}</code>
    </details>
  </dd>`
}

function resourceItem({ id, name, scopes }: DemoResource): Html {
  return html`<dt>${name}: <code>${id}</code></dt>
    ${Object.entries(scopes).map(([scope, words]) => html`<dd><code>${scope}</code>: ${words}</dd>`)}`
}
