import type { Disconnected, SessionList, SessionsEnded } from '@countersign/core/protocol'
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { SESSION_LIFETIME_MS } from '../identity/sessions.ts'
import { fromOwnPage, problem } from './own-page.ts'
import { type RouteDeps, visitorOf } from './route-deps.ts'

const nothing = z.strictObject({})
const signOut = z.strictObject({ everywhere: z.boolean().optional() })

/** What a person can see and end of their account: connections and sessions. What is not theirs is not there. */
export function accountRoutes(deps: RouteDeps): Hono {
  const app = new Hono()
  const knownVisitor = (context: Context) => deps.sessions.find(deps.cookies.session(context))
  const ownPage = fromOwnPage(deps.publicOrigin)

  app.get('/api/sessions', async (context) => {
    const { principal, sessionId } = await visitorOf(context, deps)
    const rows = await deps.sessions.listOf(principal)
    const sessions = rows.map(({ id, createdAt, expiresAt, browser }) => {
      // Each use prolongs a session for its whole lifetime.
      return { id, isCurrent: id === sessionId, createdAt, lastSeenAt: expiresAt - SESSION_LIFETIME_MS, browser }
    })
    return context.json({ sessions } satisfies SessionList)
  })

  app.post('/api/connections/:id/disconnect', ownPage, async (context) => {
    if (!(await bodyOf(context, nothing))) return badBody(context)
    const visitor = await knownVisitor(context)
    const revoked = visitor && (await deps.connections.disconnect(context.req.param('id'), visitor.principal))
    return revoked === undefined ? notFound(context) : context.json({ revoked } satisfies Disconnected)
  })

  app.post('/api/sessions/:id/end', ownPage, async (context) => {
    if (!(await bodyOf(context, nothing))) return badBody(context)
    const visitor = await knownVisitor(context)
    const id = context.req.param('id')
    const ended = visitor ? await deps.accounts.endSession(visitor, id) : 0
    if (ended === 0) return notFound(context)
    if (id === visitor?.sessionId) deps.cookies.dropSession(context)
    return context.json({ ended } satisfies SessionsEnded)
  })

  app.post('/api/sign-out', ownPage, async (context) => {
    const body = await bodyOf(context, signOut)
    if (!body) return badBody(context)
    const visitor = await knownVisitor(context)
    const ended = visitor ? await deps.accounts.signOut(visitor, body.everywhere ?? false) : 0
    deps.cookies.dropSession(context)
    return context.json({ ended } satisfies SessionsEnded)
  })
  return app
}

async function bodyOf<T>(context: Context, schema: z.ZodType<T>): Promise<T | undefined> {
  const body: unknown = await context.req.json().catch(() => undefined)
  return schema.safeParse(body).data
}

function badBody(context: Context): Response {
  return problem(context, 400, { error: 'invalid_request', message: 'The body is not what this address takes.' })
}

function notFound(context: Context): Response {
  return problem(context, 404, { error: 'not_found', message: 'There is nothing of this name.' })
}
