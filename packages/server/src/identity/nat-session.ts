import { type Runtime, type Visitor, digestText } from '@countersign/core'
import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'

/** The cookie by which NAT's own UI knows a browser: made by that UI, and on one host, whatever the port, also sent to us. */
const COOKIE = 'nemo-agent-toolkit-session'
/** NAT's form of a session; far longer than its UI's own, and short enough to be digested for anybody. */
const FORM = /^[\w\-.~]{1,128}$/

/**
 * The sessions of NAT's own UI in front of this server (`general.front_end.nat_session`): its gateway names the browser by `?session=`, and the browser itself
 * brings the same value as the UI's cookie when it opens a sign-in.
 *
 * Weaker than a session of ours. The UI makes the value from the clock and `Math.random`, keeps it where scripts can read it and puts it into addresses, where
 * proxies log it: whoever has it may see and answer what that browser may. So it is off by default, counts only for a socket from an origin that is listed,
 * and is an anonymous principal of its own that equals no session of ours and nobody who signed in. We keep its digest, never the value.
 */
export class NatSessions {
  readonly #runtime: Pick<Runtime, 'sha256'>
  readonly #origins: readonly string[]

  /** @param origins those listed in `general.front_end.cors.allow_origins` */
  constructor(runtime: Pick<Runtime, 'sha256'>, origins: readonly string[]) {
    this.#runtime = runtime
    this.#origins = origins
  }

  /** Whom the socket's `?session=` names; `malformed` when it is not of NAT's form, undefined when the socket names nobody or is not from a listed origin. */
  ofSocket({ req }: Context): Visitor | 'malformed' | undefined {
    const [value, ...others] = req.queries('session') ?? []
    if (value === undefined || !this.#origins.includes(req.header('origin') ?? '')) return undefined
    return others.length === 0 && FORM.test(value) ? this.#visitor(value) : 'malformed'
  }

  /** Whom the UI's cookie in this browser names, if there is one. */
  ofBrowser(context: Context): Visitor | undefined {
    const value = getCookie(context, COOKIE)
    return value !== undefined && FORM.test(value) ? this.#visitor(value) : undefined
  }

  #visitor(value: string): Visitor {
    // No digest has a colon: no cookie session and nobody who signed in can have this id.
    const sessionId = `nat:${digestText(this.#runtime, `nat-session:${value}`)}`
    return { principal: { id: `anonymous:${sessionId}`, kind: 'anonymous', roles: [] }, sessionId }
  }
}
