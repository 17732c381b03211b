import type { MiddlewareHandler } from 'hono'
import { A2A_PATH, CARD_PATH } from '../transports/a2a/paths.ts'
import { PING_PATH } from './pings.ts'
import type { AppPaths } from './route-deps.ts'

/**
 * What a browser may do with an answer. `chat`: the page of the chat · `page`: a page of the sign-in window, and the way to one · `asset`: a file whose name
 * changes with its content · `file`: any other file of a page · `plain`: what is no document: JSON, refusals, redirects, the socket's handshake.
 */
export type RouteClass = 'chat' | 'page' | 'asset' | 'file' | 'plain'

/** Powers of a browser that no page of this server uses. */
const noPowers =
  'accelerometer camera display-capture geolocation gyroscope hid magnetometer microphone midi payment serial usb xr-spatial-tracking'

const always: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': noPowers
    .split(' ')
    .map((power) => `${power}=()`)
    .join(', '),
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/** The headers of each class on top of what every answer has. A route that nobody has classed is `plain`: the strictest. */
function classHeaders(publicOrigin: string): Readonly<Record<RouteClass, Readonly<Record<string, string>>>> {
  const socket = publicOrigin.replace(/^http/, 'ws')
  return {
    chat: {
      'cache-control': 'no-cache',
      'content-security-policy': policy(
        ["script-src 'self'", "style-src 'self'", "img-src 'self' data:", `connect-src 'self' ${socket}`, "object-src 'none'"],
        "trusted-types lit-html dompurify 'allow-duplicates'",
      ),
      // `same-origin` would cut the sign-in window off: to the chat it would seem closed while it is open.
      'cross-origin-opener-policy': 'same-origin-allow-popups',
      'origin-agent-cluster': '?1',
    },
    page: {
      'content-security-policy': policy(["script-src 'self'", "style-src 'self'"], "trusted-types 'none'"),
      // The chat must go on seeing whether this window is closed.
      'cross-origin-opener-policy': 'unsafe-none',
    },
    asset: { 'cache-control': 'public, max-age=31536000, immutable' },
    file: { 'cache-control': 'no-cache' },
    plain: {},
  }
}

/** Nothing but what is listed may be loaded, no text becomes script, and the page stands in no frame. */
function policy(sources: readonly string[], trustedTypes: string): string {
  const closed = ["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'", trustedTypes]
  return ["default-src 'none'", ...sources, ...closed].join('; ')
}

/** The class of what a path answers with; undefined for a path of no route. The one table of routes and headers. */
export function routeClass(path: string, { callback, websocket }: AppPaths): RouteClass | undefined {
  if (path === callback || path.startsWith(`${callback}/`)) return 'page'
  if (path === PING_PATH || path === websocket || path === '/health' || path.startsWith('/health/') || path.startsWith('/api/'))
    return 'plain'
  if (path === '/' || path === '/index.html') return 'chat'
  if (path === A2A_PATH) return 'plain'
  if (path === CARD_PATH || path === '/auth/page.css' || path === '/auth/page.js' || path === '/favicon.svg') return 'file'
  if (path.startsWith('/auth/')) return 'page'
  return path.startsWith('/assets/') ? 'asset' : undefined
}

/** Gives every answer of the server its headers, refusals and handshakes included. To be mounted before everything else. */
export function securityHeaders(publicOrigin: string, paths: AppPaths): MiddlewareHandler {
  const isHttps = publicOrigin.startsWith('https:')
  const common = { ...always, ...(isHttps && { 'strict-transport-security': 'max-age=15552000' }) }
  const byClass = classHeaders(publicOrigin)
  return async (context, next) => {
    await next()
    const { headers } = context.res
    const own = byClass[answerClass(context.res, routeClass(context.req.path, paths))]
    for (const [name, value] of Object.entries({ ...common, ...own })) headers.set(name, value)
  }
}

/** A refusal is not what the path would have been: it is not cached, and a page that says no is a page wherever it stands. */
function answerClass(response: Response, wanted: RouteClass | undefined): RouteClass {
  const isPage = (response.headers.get('content-type') ?? '').startsWith('text/html')
  if (isPage) return wanted === 'chat' && response.ok ? 'chat' : 'page'
  return response.ok || wanted === 'page' ? (wanted ?? 'plain') : 'plain'
}
