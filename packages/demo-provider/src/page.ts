import type { ServerResponse } from 'node:http'
import { html } from './html.ts'
import type { Html } from './html.ts'

/** One page of the provider, before layout. */
export interface Page {
  /** HTTP status; 200 unless told. */
  readonly status?: number
  readonly title: string
  readonly body: Html
  /** Where the page's forms may end after redirects, as a redirect URI; without it only here. */
  readonly formLeadsTo?: string | undefined
  /** A phone has a frame of its own where there is room for one. */
  readonly shape?: 'phone' | undefined
  /** Path of the page's script; without it none may run. */
  readonly script?: string | undefined
}

/** A page in its layout, ready for whichever way of answering is at hand. */
export interface RenderedPage {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly markup: string
}

/** Puts a page into the shared layout and names the headers it must be sent with. */
export function renderPage(page: Page): RenderedPage {
  return {
    status: page.status ?? 200,
    headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': contentSecurityPolicy(page) },
    markup: layout(page).markup.trim(),
  }
}

/** Renders a page and ends the response with it. */
export function sendPage(response: ServerResponse, page: Page): void {
  const { status, headers, markup } = renderPage(page)
  response.writeHead(status, headers)
  response.end(markup)
}

/**
 * Chromium and WebKit hold `form-action` against every redirect that follows a form, and our forms end at the client: so the
 * client's origin stands beside `'self'`. A client that redirects on to yet another origin is stopped by the browser there.
 */
function contentSecurityPolicy({ formLeadsTo, script }: Page): string {
  const formAction = formLeadsTo === undefined ? `'self'` : `'self' ${sourceOf(new URL(formLeadsTo))}`
  const scripts = script === undefined ? '' : ` script-src 'self'; connect-src 'self';`
  return `default-src 'none'; style-src 'self';${scripts} form-action ${formAction}; base-uri 'none'; frame-ancestors 'none'`
}

/** CSP has no notation for an IPv6 literal (CSP3 §2.3.1), there the scheme must do. */
function sourceOf(url: URL): string {
  return url.hostname.startsWith('[') ? url.protocol : url.origin
}

function layout(page: Page): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${page.title} · Countersign demo provider</title>
        <link rel="stylesheet" href="/style.css" />
        ${page.script === undefined ? undefined : html`<script src="${page.script}" defer></script>`}
      </head>
      <body class="${page.shape ?? 'plain'}">
        <header>
          <p class="brand"><span class="mark" aria-hidden="true"></span>Countersign demo provider</p>
        </header>
        <main>${page.body}</main>
        <footer><p>For demos and tests only. There are no passwords and nothing is kept after a restart.</p></footer>
      </body>
    </html> `
}
