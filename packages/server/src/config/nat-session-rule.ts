import type { z } from 'zod'
import { browserHost } from './public-origin.ts'

/** What `nat_session` depends on, of `general.front_end`. */
interface FrontEnd {
  readonly host: string
  readonly public_url?: string | undefined
  readonly cors: { readonly allow_origins: readonly string[] }
  readonly nat_session: boolean
  readonly sign_in?: { readonly required: boolean } | undefined
}

/** Refuses a `nat_session` that could not work, or that opens a door which another key closes. */
export function natSessionRule(frontEnd: FrontEnd, context: z.RefinementCtx): void {
  if (!frontEnd.nat_session) return
  const report = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message })
  const origins = frontEnd.cors.allow_origins
  const host = frontEnd.public_url === undefined ? browserHost(frontEnd.host) : new URL(frontEnd.public_url).hostname
  if (origins.length === 0) {
    report(
      ['nat_session'],
      'cors.allow_origins lists no origin that may use it: add the address of NAT\'s UI, such as "http://localhost:3000"',
    )
  } else if (!origins.some((origin) => new URL(origin).hostname === host)) {
    const why = 'its cookie reaches no other host, and no sign-in could be opened'
    report(['cors', 'allow_origins'], `nat_session needs NAT's UI under the host name of this server, "${host}": ${why}`)
  }
  if (frontEnd.sign_in?.required === true)
    report(['nat_session'], "sign_in.required forbids it: nobody can sign in to this server behind NAT's UI; remove one of the two")
}
