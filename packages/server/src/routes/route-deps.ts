import type { IncomingMessage } from 'node:http'
import type { Connections, Consents, Runs, Runtime, Store, Visitor } from '@countersign/core'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { A2aSection } from '../config/a2a-schema.ts'
import type { Built } from '../config/build.ts'
import type { Limits } from '../config/limits-schema.ts'
import type { Accounts } from '../identity/accounts.ts'
import { browserWords } from '../identity/browser-words.ts'
import type { Cookies } from '../identity/cookies.ts'
import type { Newcomers } from '../identity/newcomers.ts'
import type { NatSessions } from '../identity/nat-session.ts'
import type { ServerSignIn } from '../identity/server-sign-in.ts'
import { FIRST_RETURN_MS, type Sessions, type SessionVisitor } from '../identity/sessions.ts'
import type { Operation } from '../operation.ts'
import { refusals, refuse } from './refusal.ts'

/** Under which paths the doors stand. */
export interface AppPaths {
  readonly callback: string
  readonly websocket: string
}

/** What the routes and transports share. */
export interface RouteDeps {
  readonly store: Store
  readonly runtime: Runtime
  readonly runs: Runs
  readonly consents: Consents
  readonly sessions: Sessions
  readonly newcomers: Newcomers
  readonly accounts: Accounts
  readonly connections: Connections
  /** Where `front_end.sign_in` names a provider: how people sign in to this server itself. */
  readonly signIn: ServerSignIn | undefined
  /** Where `front_end.nat_session` is on: how NAT's own UI names its browsers. */
  readonly natSessions: NatSessions | undefined
  readonly cookies: Cookies
  readonly built: Built
  /** Scheme, host and port under which people's browsers see this server. */
  readonly publicOrigin: string
  /** Other origins whose pages may open the socket. */
  readonly allowedOrigins: readonly string[]
  /** What one client may cost. */
  readonly limits: Limits
  readonly operation: Operation
  /** Where other programs may ask the workflow over A2A. */
  readonly a2a: A2aSection | undefined
}

/**
 * Who is at the door; a browser that nobody knows gets a session of its own, for a short time until it comes back.
 * @throws HTTPException with the answer for one that comes when there are too many of these
 */
export async function visitorOf(
  context: Context,
  { sessions, newcomers, cookies }: RouteDeps,
  lifetimeMs = FIRST_RETURN_MS,
): Promise<SessionVisitor> {
  const known = await sessions.find(cookies.session(context))
  if (known) return known
  if (!newcomers.admit(addressOf(context))) throw await tooManyNewcomers(context)
  const { visitor, cookie } = await sessions.open(browserWords(context.req.header('user-agent')), lifetimeMs)
  cookies.setSession(context, cookie)
  return visitor
}

/** The other end of the request's connection. */
function addressOf(context: Context): string {
  // What the adaptor and our own upgrades give with a request; one that is made up in this process has none.
  const env = context.env as { readonly incoming?: IncomingMessage } | undefined
  return env?.incoming?.socket.remoteAddress ?? ''
}

async function tooManyNewcomers(context: Context): Promise<HTTPException> {
  context.header('retry-after', '60')
  return new HTTPException(429, { res: await refuse(context, refusals.crowded) })
}

/** Whose browser it is to the server, by each way it is known: its session here, and what NAT's own UI calls it. Opens no session. */
export async function knownVisitors(context: Context, { sessions, cookies, natSessions }: RouteDeps): Promise<readonly Visitor[]> {
  const visitors = [await sessions.find(cookies.session(context)), natSessions?.ofBrowser(context)]
  return visitors.filter((visitor) => visitor !== undefined)
}
