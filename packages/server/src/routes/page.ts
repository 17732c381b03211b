import type { Context } from 'hono'
import { html } from 'hono/html'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** What a page of the sign-in window says. */
export interface Page {
  readonly status: ContentfulStatusCode
  readonly title: string
  readonly text: string
  /** The person said no, which is neither a success nor a fault. */
  readonly isNo?: boolean
  /** The window has done its work and closes itself. */
  readonly closes?: boolean
  /** Where to go from here. */
  readonly link?: { readonly address: string; readonly text: string }
}

/** A plain page for the sign-in window; everything in it is our own text. */
export function renderPage(context: Context, { status, title, text, isNo, closes, link }: Page): Response | Promise<Response> {
  const look = isNo ? 'refused' : status < 400 ? 'done' : 'stopped'
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
          <main class="${look}">
            <svg viewBox="0 0 24 24" aria-hidden="true"><path d="${drawings[look]}"></path></svg>
            <h1>${title}</h1>
            <p>${text}</p>
            ${link ? html`<p><a href="${link.address}">${link.text}</a></p>` : ''}
          </main>
        </body>
      </html>`,
    status,
  )
}

/** What says at a glance how it stands; hidden from screen readers, for the heading says it in words. */
const drawings = { done: 'm5 12.5 4.5 4.5L19 7.5', refused: 'm6 6 12 12M18 6 6 18', stopped: 'M12 6v7.5m0 4v.01' }

/** The look of these pages: that of the chat. */
export const pageStyle = `:root {
  color-scheme: light dark;
  font: 1rem/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif;
  background: light-dark(#fafaf8, #131513); color: light-dark(#1a1d1a, #e8ebe7);
}
body { margin: 0; min-height: 100vh; min-height: 100dvh; display: grid; place-items: center; }
main {
  box-sizing: border-box; width: min(100% - 2rem, 27rem); margin-block: 1rem 6vh; padding: 2.25rem 2rem 2rem; text-align: center; overflow-wrap: anywhere;
  border: 1px solid light-dark(#dfe1db, #343934); border-radius: 16px; background: light-dark(#ffffff, #1b1e1b);
}
svg {
  width: 1.5rem; height: 1.5rem; padding: .75rem; margin-bottom: 1rem; border-radius: 50%;
  fill: none; stroke: currentColor; stroke-width: 2.2; stroke-linecap: round; stroke-linejoin: round;
}
.done svg { background: light-dark(#e4f0ec, #1d322b); color: light-dark(#1c5f4e, #86d3b9); }
.refused svg { background: light-dark(#f0f1ed, #262a26); }
.stopped svg { background: light-dark(#fdf3dd, #2f2716); color: light-dark(#7a4b00, #f0c36c); }
h1 { margin: 0 0 .6rem; font-size: 1.35rem; line-height: 1.3; letter-spacing: -.01em; text-wrap: balance; }
p { margin: 0; color: light-dark(#5a605a, #a6aea6); text-wrap: pretty; }
p + p { margin-top: 1.25rem; }
a {
  display: inline-block; padding: .55rem 1.1rem; border-radius: 8px; font-weight: 500; text-decoration: none;
  background: light-dark(#1c5f4e, #86d3b9); color: light-dark(#ffffff, #0c1f18);
}
a:focus-visible { outline: 2px solid light-dark(#1d5fd1, #93bbff); outline-offset: 2px; }
@media (forced-colors: active) { a, svg { border: 1px solid; } }
`

/** Takes code and state out of the address bar's history and closes the window. */
export const pageScript = `history.replaceState(null, '', location.pathname)
setTimeout(() => window.close(), 600)
`
