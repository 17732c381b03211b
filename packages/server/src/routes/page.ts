import type { Context } from 'hono'
import { html } from 'hono/html'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** What a page of the sign-in window says. */
export interface Page {
  readonly status: ContentfulStatusCode
  readonly title: string
  readonly text: string
  /** The window has done its work and closes itself. */
  readonly closes?: boolean
}

const csp = "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** A plain page for the sign-in window: never cached, no address in any Referer, and everything in it is our own text. */
export function renderPage(context: Context, { status, title, text, closes }: Page): Response | Promise<Response> {
  context.header('content-security-policy', csp)
  context.header('cache-control', 'no-store')
  context.header('referrer-policy', 'no-referrer')
  return context.html(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>${title}</title>
          <link rel="stylesheet" href="/auth/page.css" />
          ${closes ? html`<script src="/auth/page.js" defer></script>` : ''}
        </head>
        <body>
          <main>
            <h1>${title}</h1>
            <p>${text}</p>
          </main>
        </body>
      </html>`,
    status,
  )
}

/** The look of these pages. */
export const pageStyle = `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: light-dark(#f6f7f9, #15181d); color: light-dark(#1b1f26, #e8eaee); }
main { box-sizing: border-box; width: min(100% - 2rem, 28rem); padding: 2rem; border-radius: 1rem; background: light-dark(#fff, #1f242b); box-shadow: 0 1px 3px rgb(0 0 0 / 0.2); }
h1 { margin: 0 0 0.5rem; font-size: 1.25rem; text-wrap: balance; }
p { margin: 0; color: light-dark(#4a5160, #b4bac5); overflow-wrap: anywhere; }
`

/** Takes code and state out of the address bar's history and closes the window. */
export const pageScript = `history.replaceState(null, '', location.pathname)
setTimeout(() => window.close(), 600)
`
