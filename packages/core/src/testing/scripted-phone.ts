import type { AuthContext, AuthProvider, AuthStep } from '../auth/auth-provider.ts'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import { Secret } from '../runtime/secret.ts'
import type { VirtualRuntime } from './virtual-runtime.ts'

/** What the server behind a phone says to a poll. */
export type PhoneAnswer = 'pending' | 'granted' | 'access_denied' | 'outcome_unknown'

/** An authorization server that rings phones, with a person at the other end who does what a test says. */
export interface ScriptedPhone {
  readonly provider: AuthProvider
  /** What was asked for, in order. */
  readonly rung: readonly AuthRequirement[]
  /** When it was polled, milliseconds since the phone was made. */
  readonly polls: readonly number[]
  /** How many polls are under way, and how many were at most. */
  readonly underWay: { now: number; most: number }
  readonly revoked: readonly string[]
  /** What it says from now on; a function is asked each time, and may take its time. */
  answer: PhoneAnswer | (() => Promise<PhoneAnswer>)
}

/** The token by which a ping of request n is believed. */
export function pingTokenOf(n: number): string {
  return `ping-token-${n}`
}

/** @param parts what differs from a phone that is asked anew for each call; `lastsMs` how long a request may be answered */
export function scriptedPhone(runtime: VirtualRuntime, parts: Partial<AuthProvider> = {}, lastsMs = 300_000): ScriptedPhone {
  const began = runtime.now()
  const [rung, polls, revoked]: [AuthRequirement[], number[], string[]] = [[], [], []]
  const waiting = (request: number, context: AuthContext, bindingMessage?: string): AuthStep => ({
    status: 'waiting',
    challenge: { kind: 'backchannel', ...(bindingMessage !== undefined && { bindingMessage }) },
    state: { request },
    correlation: `request-${request}`,
    pingToken: pingTokenOf(request),
    pollAt: context.runtime.now() + 5_000,
    expiresAt: began + lastsMs,
  })
  const phone: ScriptedPhone = {
    rung,
    polls,
    revoked,
    underWay: { now: 0, most: 0 },
    answer: 'pending',
    provider: {
      type: 'phone',
      notifies: true,
      reuse: 'call',
      host: 'phone.example',
      clientId: 'client',
      scopesOf: ({ scopes = [] }) => scopes.toSorted(),
      async begin(requirement, context) {
        rung.push(requirement)
        return waiting(rung.length, context, requirement.bindingMessage)
      },
      // oxlint-disable-next-line max-params -- the port has these four
      async advance(requirement, state, _event, context) {
        polls.push(runtime.now() - began)
        phone.underWay.now += 1
        phone.underWay.most = Math.max(phone.underWay.most, phone.underWay.now)
        const answer = typeof phone.answer === 'string' ? phone.answer : await phone.answer()
        phone.underWay.now -= 1
        const request = Number(state['request'])
        if (answer === 'pending') return waiting(request, context)
        if (answer !== 'granted') return { status: 'refused', code: answer }
        const accessToken = new Secret(`token-${request}`)
        return { status: 'granted', credential: { tokenType: 'bearer', accessToken, scopes: requirement.scopes ?? [], expiresAt: null } }
      },
      async revoke({ accessToken }) {
        revoked.push(accessToken.reveal())
        return true
      },
      ...parts,
    },
  }
  return phone
}
