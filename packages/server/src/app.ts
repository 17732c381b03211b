import { errorFacts, isCountersignError } from '@countersign/core'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ServedFront } from './front.ts'
import { accountRoutes } from './routes/accounts.ts'
import { consentRoutes } from './routes/consent.ts'
import { healthRoute } from './routes/health.ts'
import { meRoute } from './routes/me.ts'
import { pingRoute } from './routes/pings.ts'
import { isPageRequest, refusals, refuse } from './routes/refusal.ts'
import { requestLimits } from './routes/request-limits.ts'
import type { AppPaths, RouteDeps } from './routes/route-deps.ts'
import { securityHeaders } from './routes/security-headers.ts'
import { signInRoute } from './routes/sign-in.ts'
import { staticUi } from './routes/static-ui.ts'
import { a2aRoutes } from './transports/a2a/routes.ts'
import { websocketRoute } from './transports/websocket.ts'

/**
 * All doors of the server, one sub-app each. Whatever goes through them, refusals too, has its security headers.
 * @param front `chat`: its doors, with that of programs where the configuration opens it; `a2a`: that alone
 */
export function createApp(deps: RouteDeps, paths: AppPaths, front: ServedFront = 'chat'): Hono {
  const app = new Hono()
  app.use(securityHeaders(deps.publicOrigin, paths))
  app.use(...requestLimits(deps.limits.max_body_bytes))
  app.route('/', healthRoute(deps))
  // A socket goes by its Origin, which no page can change, not even one whose name was rebound to this address. So it may come under any Host: a proxy in front,
  // such as that of NAT's UI, sends the name by which it knows us.
  if (front === 'chat') app.route('/', websocketRoute(deps, paths.websocket))
  // A program brings its token, or is on this computer: the name by which it knows us decides nothing.
  if (deps.a2a) app.route('/', a2aRoutes(deps, deps.a2a))
  app.use(underOwnName(deps))
  app.use(whileTakingWork(deps))
  app.route('/', pingRoute(deps))
  if (front === 'chat') chatRoutes(app, deps, paths)
  app.notFound((context) => nothingHere(app, context))
  app.onError((error, context) => (error instanceof HTTPException ? error.getResponse() : failed(deps, error, context)))
  return app
}

function chatRoutes(app: Hono, deps: RouteDeps, paths: AppPaths): void {
  app.route('/', meRoute(deps))
  app.route('/', accountRoutes(deps))
  app.route('/', signInRoute(deps))
  app.route('/', consentRoutes(deps, paths.callback))
  app.route('/', staticUi())
}

/** Chat, consent link and callback share one origin, or the browser's cookies would not be found again. */
function underOwnName({ publicOrigin }: RouteDeps): MiddlewareHandler {
  const { host } = new URL(publicOrigin)
  return async (context, next) => {
    if (context.req.header('host') === host) return next()
    if (isPageRequest(context)) return context.redirect(new URL(pathOf(context.req.url), publicOrigin).href, 307)
    return refuse(context, {
      status: 421,
      code: 'misdirected_request',
      title: 'This server has another name',
      text: `It is ${publicOrigin}.`,
    })
  }
}

/** Path and query only: a host that was sent to us never decides where a browser is led. */
function pathOf(url: string): string {
  const { pathname, search } = new URL(url)
  return `/${pathname.replace(/^\/+/, '')}${search}`
}

/** A server that stops waits for what it has begun and takes nothing new; a page tries again by itself, and finds the next server. */
function whileTakingWork({ operation }: RouteDeps): MiddlewareHandler {
  return async (context, next) => {
    const isLate = operation.isDraining
    if (!isLate) await operation.watch(next())
    if (operation.isDraining) context.header('connection', 'close')
    if (!isLate) return undefined
    for (const name of ['retry-after', 'refresh']) context.header(name, '10')
    return refuse(context, refusals.draining)
  }
}

/** An unknown path, or a method that its routes do not have (RFC 9110 §15.5.6, §9.3.7). */
function nothingHere(app: Hono, context: Context): Response | Promise<Response> {
  const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((method) => {
    const [found] = app.router.match(method, context.req.path)
    return found.some(([[, route]]) => route.method === method)
  })
  if (methods.length === 0) return refuse(context, refusals.not_found)
  context.header('allow', [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', '))
  return context.req.method === 'OPTIONS' ? context.body(null, 204) : refuse(context, refusals.method_not_allowed)
}

/** What went wrong is for the operator; whoever asked gets the name under which it stands in the log. */
function failed({ runtime }: RouteDeps, error: Error, context: Context): Response | Promise<Response> {
  const request = runtime.id()
  runtime.log.error('request failed', { request, method: context.req.method, path: context.req.path, ...errorFacts(error) })
  const isStorage = isCountersignError(error, 'storage_unavailable')
  const text = `Try again in a moment. If it goes on, tell the operator the number ${request}.`
  return refuse(context, {
    status: isStorage ? 503 : 500,
    code: isStorage ? error.code : 'server_error',
    title: 'The server could not do this now',
    text,
  })
}
