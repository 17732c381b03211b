import type { Context } from 'hono'
import { renderPage } from './page.ts'

/** Why a request gets nothing, for whoever sent it. */
export interface Refusal {
  readonly status: 404 | 405 | 413 | 421 | 429 | 500 | 503
  /** For programs. */
  readonly code: string
  readonly title: string
  /** What to do now. */
  readonly text: string
}

export const refusals = {
  not_found: { status: 404, code: 'not_found', title: 'There is nothing here', text: 'The chat is at "/".' },
  method_not_allowed: {
    status: 405,
    code: 'method_not_allowed',
    title: 'This cannot be done here',
    text: 'The Allow header names what can.',
  },
  too_large: {
    status: 413,
    code: 'too_large',
    title: 'This is too much',
    text: 'The body of the request is larger than this server takes.',
  },
  crowded: {
    status: 429,
    code: 'too_many_sessions',
    title: 'There are too many new visitors',
    text: 'Try again in a minute. A browser that keeps cookies and was here before can go on.',
  },
  draining: { status: 503, code: 'draining', title: 'The server restarts', text: 'This page tries again by itself in ten seconds.' },
} as const satisfies Record<string, Refusal>

/** Answers in the form that was asked for: JSON below `/api/`, a page for a browser, else a line of text. */
export function refuse(context: Context, { status, code, title, text }: Refusal): Response | Promise<Response> {
  if (context.req.path.startsWith('/api/')) return context.json({ error: code, message: `${title}. ${text}` }, status)
  if (isPageRequest(context)) return renderPage(context, { status, title, text })
  return context.text(`${title}. ${text}\n`, status)
}

/** Whether a person waits for a page in a browser. */
export function isPageRequest({ req }: Context): boolean {
  return (req.method === 'GET' || req.method === 'HEAD') && (req.header('accept') ?? '').includes('text/html')
}
