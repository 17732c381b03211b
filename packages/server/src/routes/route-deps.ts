import type { Consents, Runs, Runtime, Store, Visitor } from '@countersign/core'
import type { Context } from 'hono'
import type { Built } from '../config/build.ts'
import type { Cookies } from '../identity/cookies.ts'
import type { Sessions } from '../identity/sessions.ts'

/** What the routes and transports share. */
export interface RouteDeps {
  readonly store: Store
  readonly runtime: Runtime
  readonly runs: Runs
  readonly consents: Consents
  readonly sessions: Sessions
  readonly cookies: Cookies
  readonly built: Built
  /** Scheme, host and port under which people's browsers see this server. */
  readonly publicOrigin: string
  /** Other origins whose pages may open the socket. */
  readonly allowedOrigins: readonly string[]
  readonly isDraining: () => boolean
}

/** Who is at the door; a browser that nobody knows gets a session of its own. */
export async function visitorOf(context: Context, { sessions, cookies }: RouteDeps): Promise<Visitor> {
  const known = await sessions.find(cookies.session(context))
  if (known) return known
  const { visitor, cookie } = await sessions.open()
  cookies.setSession(context, cookie)
  return visitor
}
