import type * as oauth from 'oauth4webapi'
import { z } from 'zod'
import type { AuthContext } from '../auth/auth-provider.ts'
import { CountersignError } from '../errors.ts'
import type { WaitProgress } from '../protocol/interaction.ts'
import type { OauthClientConfig } from './oauth-client-config.ts'
import { oauthFailure } from './oauth-failure.ts'
import type { OauthParty } from './oauth-party.ts'

/** A request that somebody decides on another device, as it is remembered from poll to poll: plain data. */
export const polledRequest = z.strictObject({
  /** The `auth_req_id` or device code: who has it can fetch the token, with the client's own authentication. */
  id: z.string().min(1),
  /** Epoch ms, by our clock: from then on nobody asks for it any more. */
  deadline: z.number(),
  intervalMs: z.number(),
  /** How often in a row the server could not be asked. */
  failures: z.number(),
})
export type PolledRequest = z.output<typeof polledRequest>

/** What the server said of a new request (CIBA Core §7.3, RFC 8628 §3.2), in seconds. */
export interface Acknowledgement {
  readonly id: string
  readonly expires_in: number
  readonly interval?: number | undefined
}

/** A wait, and when it is polled next. */
export interface PollWait {
  readonly status: 'waiting'
  readonly request: PolledRequest
  /** Epoch ms; at the deadline the next poll is none, but the end. */
  readonly pollAt: number
  readonly phase: WaitProgress['phase']
}

/** What one poll came to. */
export type Polled<Party> =
  | PollWait
  | { readonly status: 'refused'; readonly code: 'access_denied' | 'expired' }
  | { readonly status: 'answered'; readonly answer: oauth.TokenEndpointResponse; readonly askedAt: number; readonly party: Party }

/** The grant that is polled for: how oauth4webapi asks, and reads the answer. */
export interface PolledGrant {
  readonly ask: typeof oauth.deviceCodeGrantRequest
  readonly read: typeof oauth.processDeviceCodeResponse
}

/** What all polls of a provider have in common. */
export interface PollSetup<Party> {
  readonly name: string
  readonly grant: PolledGrant
  /** Finds both sides; its time limit is that of a poll. */
  readonly meet: (context: AuthContext) => Promise<Party>
}

/** One poll: for what, and what goes with it besides the request's id. */
export interface Poll {
  readonly request: PolledRequest
  readonly parameters: URLSearchParams
}

/** How long a poll may take, in milliseconds: a server may hold its answer back for 30 s, until somebody decides. */
export const LONG_POLL_MS = 40_000

/** When the server names no interval (CIBA Core §7.3, RFC 8628 §3.2). */
const defaultIntervalSeconds = 5
/** Whatever a server says: it is not asked more often than this. */
const shortestIntervalSeconds = 1
/** RFC 8628 §3.5, CIBA Core §11: for good. */
const slowDownMs = 5000
const longestBackoffMs = 60_000
/** The server's clock began before its answer was here: an id that is unknown this close to the end has ended. */
const endMs = 1000
/** Ten years: keeps a server's absurd number within what a date can hold. */
const longestSeconds = 10 * 365 * 24 * 60 * 60
/** It is stored, and sent with every poll. */
const longestId = 4096

/**
 * The first wait: a request is not polled before its interval has passed.
 * @throws CountersignError `upstream_failed`
 */
export function firstWait({ id, expires_in, interval = defaultIntervalSeconds }: Acknowledgement, now: number): PollWait {
  if (id.length > longestId) throw new CountersignError('upstream_failed', `a request was given an id of more than ${longestId} characters`)
  const deadline = now + Math.floor(Math.min(expires_in, longestSeconds) * 1000)
  const intervalMs = Math.max(Math.min(interval, longestSeconds), shortestIntervalSeconds) * 1000
  return later({ id, deadline, intervalMs, failures: 0 }, { sentAt: now, now, phase: 'waiting' })
}

/**
 * Asks once what became of a request. Whoever cannot be asked is asked again later, for the same request; an answer ends it or says to wait.
 * @throws CountersignError `invalid_grant`, `invalid_client`, `unauthorized_client`, … as the server put it; `upstream_failed` for an answer that is
 * none, `cancelled`
 * @see https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#token_request
 * @see https://www.rfc-editor.org/rfc/rfc8628#section-3.5
 */
export function polling<Party extends OauthParty<OauthClientConfig, 'token_endpoint'>>(
  setup: PollSetup<Party>,
): (poll: Poll, context: AuthContext) => Promise<Polled<Party>> {
  const where = `the token endpoint of auth provider "${setup.name}"`
  return async ({ request, parameters }, context) => {
    const { runtime } = context
    if (runtime.now() >= request.deadline) return { status: 'refused', code: 'expired' }
    let sentAt = runtime.now()
    let asked: { readonly party: Party; readonly response: Response }
    try {
      const party = await setup.meet(context)
      const options = { ...party.options, additionalParameters: parameters }
      // The interval counts from here, whenever the answer comes.
      sentAt = runtime.now()
      asked = { party, response: await setup.grant.ask(party.server, party.client, party.authentication, request.id, options) }
    } catch (cause) {
      const failure = oauthFailure(cause, where)
      if (failure.code !== 'upstream_failed') throw failure
      return again(request, { sentAt, now: runtime.now() })
    }
    const { party, response } = asked
    try {
      return { status: 'answered', answer: await setup.grant.read(party.server, party.client, response), askedAt: sentAt, party }
    } catch (cause) {
      return verdict(request, oauthFailure(cause, where), { sentAt, now: runtime.now(), retryAfter: response.headers.get('retry-after') })
    }
  }
}

/** When a poll was sent, when its outcome was known, and how long the server wants to be left alone. */
interface Moment {
  readonly sentAt: number
  readonly now: number
  readonly retryAfter?: string | null
}

/** What an answer without a token says (CIBA Core §11, RFC 8628 §3.5). */
function verdict(
  request: PolledRequest,
  failure: CountersignError,
  moment: Moment,
): PollWait | Extract<Polled<never>, { status: 'refused' }> {
  const { error, status = 0 } = failure.details
  if (Number(status) >= 500) return again(request, moment)
  const heard = { ...request, failures: 0 }
  if (error === 'authorization_pending') return later(heard, { ...moment, phase: 'waiting' })
  if (error === 'slow_down') return later({ ...heard, intervalMs: request.intervalMs + slowDownMs }, { ...moment, phase: 'slowed_down' })
  if (status === 429 || status === 408 || error === 'server_error' || error === 'temporarily_unavailable') return again(request, moment)
  if (failure.code === 'access_denied') return { status: 'refused', code: 'access_denied' }
  const isOver = failure.code === 'invalid_grant' && moment.now >= request.deadline - endMs
  if (isOver || failure.code === 'expired_token') return { status: 'refused', code: 'expired' }
  throw failure
}

/** The server was not reached, or was too busy: ever longer waits, and never a second request. */
function again(request: PolledRequest, moment: Moment): PollWait {
  return later({ ...request, failures: request.failures + 1 }, { ...moment, phase: 'unreachable' })
}

function later(request: PolledRequest, { sentAt, now, retryAfter, phase }: Moment & Pick<PollWait, 'phase'>): PollWait {
  const { intervalMs, failures, deadline } = request
  const backoffMs = failures === 0 ? 0 : Math.min(intervalMs * 2 ** failures, longestBackoffMs)
  const next = Math.max(sentAt + Math.max(intervalMs, backoffMs), now, retryAt(retryAfter, now))
  return { status: 'waiting', request, pollAt: Math.min(next, deadline), phase }
}

/** Seconds or a date (RFC 9110 §10.2.3), as epoch ms; what is neither says nothing. */
function retryAt(text: string | null | undefined, now: number): number {
  if (text == null) return 0
  return /^\d{1,10}$/.test(text) ? now + Number(text) * 1000 : Date.parse(text) || 0
}
