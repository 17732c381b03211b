import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { secureHeaders } from 'hono/secure-headers'
import { consentRoutes } from './routes/consent.ts'
import { healthRoute } from './routes/health.ts'
import { meRoute } from './routes/me.ts'
import type { RouteDeps } from './routes/route-deps.ts'
import { staticUi } from './routes/static-ui.ts'
import { websocketRoute } from './transports/websocket.ts'

/** Under which paths the doors stand. */
export interface AppPaths {
  readonly callback: string
  readonly websocket: string
}

/** All doors of the server, one sub-app each. */
export function createApp(deps: RouteDeps, paths: AppPaths): Hono {
  const app = new Hono()
  const { host } = new URL(deps.publicOrigin)
  app.route('/', healthRoute(deps))
  app.use(async (context, next) => {
    if (context.req.header('host') === host) return next()
    // Chat, consent link and callback share one origin, or the browser's cookies would not be found again.
    const isPage = context.req.method === 'GET' && (context.req.header('accept') ?? '').includes('text/html')
    if (isPage) return context.redirect(new URL(pathOf(context.req.url), deps.publicOrigin).href, 307)
    return context.text(`this server is ${deps.publicOrigin}\n`, 421)
  })
  app.route('/', websocketRoute(deps, paths.websocket))
  app.use(
    secureHeaders({
      crossOriginOpenerPolicy: false,
      crossOriginResourcePolicy: 'same-origin',
      xFrameOptions: 'DENY',
      referrerPolicy: 'no-referrer',
      strictTransportSecurity: deps.publicOrigin.startsWith('https:') ? 'max-age=15552000' : false,
    }),
  )
  app.use(bodyLimit({ maxSize: 1024 * 1024, onError: (context) => context.text('the body is too large\n', 413) }))
  app.route('/', meRoute(deps))
  app.route('/', consentRoutes(deps, paths.callback))
  app.route('/', staticUi(deps.publicOrigin))
  app.notFound((context) => context.text('there is nothing here\n', 404))
  app.onError((error, context) => {
    deps.runtime.log.error('request failed', { path: new URL(context.req.url).pathname, error: error.name })
    return context.text('the server could not do this now\n', 500)
  })
  return app
}

/** Path and query only: a host that was sent to us never decides where a browser is led. */
function pathOf(url: string): string {
  const { pathname, search } = new URL(url)
  return `/${pathname.replace(/^\/+/, '')}${search}`
}
