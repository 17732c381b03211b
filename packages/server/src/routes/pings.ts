import { Hono } from 'hono'
import { z } from 'zod'
import type { RouteDeps } from './route-deps.ts'

/** Where authorization servers say that there is news of a request: what a client registers as its `backchannel_client_notification_endpoint`. */
export const PING_PATH = '/auth/ping'

const news = z.object({ auth_req_id: z.string().min(1) })

/**
 * The client notification endpoint (CIBA Core §10.2). What is unknown, late or not proven gets the same answer as what is not, and the answer waits for no poll.
 * @see https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#ping_callback
 */
export function pingRoute({ runs }: Pick<RouteDeps, 'runs'>): Hono {
  return new Hono().post(PING_PATH, async (context) => {
    const [, token] = /^Bearer ([\w\-.~+/]+=*)$/i.exec(context.req.header('authorization') ?? '') ?? []
    if (token === undefined) return context.body(null, 401, { 'www-authenticate': 'Bearer' })
    const body = news.safeParse(await context.req.json().catch(() => undefined))
    if (body.success) await runs.ping({ requestId: body.data.auth_req_id, token })
    return context.body(null, 204)
  })
}
