import type { AccountProblem } from '@countersign/core/protocol'
import type { Context, MiddlewareHandler } from 'hono'

/**
 * Lets through only what a page of this server has sent: no other site can set the header or send JSON without being asked first (CORS), and none can
 * change its `Origin`.
 * @see OWASP Cross-Site Request Forgery Prevention, custom request headers
 */
export function fromOwnPage(publicOrigin: string): MiddlewareHandler {
  return async (context, next) => {
    const { req } = context
    const site = req.header('sec-fetch-site') ?? 'same-origin'
    if (req.header('origin') !== publicOrigin || site !== 'same-origin' || req.header('x-countersign') !== '1')
      return problem(context, 403, { error: 'forbidden', message: 'This is for the pages of this server.' })
    const type = req.header('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
    if (type !== 'application/json')
      return problem(context, 415, { error: 'unsupported_media_type', message: 'The body must be application/json.' })
    return next()
  }
}

/** Says why nothing was done. */
export function problem(context: Context, status: 400 | 403 | 404 | 415, said: AccountProblem): Response {
  return context.json(said, status)
}
