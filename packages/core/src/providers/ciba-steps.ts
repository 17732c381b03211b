import * as oauth from 'oauth4webapi'
import { z } from 'zod'
import type { AuthContext, AuthStep } from '../auth/auth-provider.ts'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import { CountersignError, type ErrorCode, isCountersignError } from '../errors.ts'
import type { JsonObject } from '../protocol/json.ts'
import { toBase64url } from '../runtime/base64url.ts'
import { errorFacts } from '../runtime/error-facts.ts'
import { bindingMessageProblem } from './ciba-binding-message.ts'
import type { CibaConfig } from './ciba-config.ts'
import { acrValuesOf, cibaParameters, hintOf } from './ciba-request.ts'
import { oauthFailure } from './oauth-failure.ts'
import type { FetchLimits } from './oauth-fetch.ts'
import { oauthParty } from './oauth-party.ts'
import { resourceParameters } from './oauth-resource.ts'
import { polledGrant } from './polled-grant.ts'
import { LONG_POLL_MS, type PolledGrant, type PollWait, firstWait, polledRequest, polling } from './polling.ts'
import { type RenewalSteps, renewalSteps } from './renewal-steps.ts'
import { neverConnected, unsent } from './unsent.ts'

/** What a CIBA provider does over the network. */
export interface CibaSteps extends RenewalSteps {
  ask(requirement: AuthRequirement, context: AuthContext): Promise<AuthStep>
  poll(requirement: AuthRequirement, state: JsonObject, context: AuthContext): Promise<AuthStep>
}

/** What is remembered of a request until somebody has decided. */
const sentRequest = z.strictObject({
  request: polledRequest,
  pingToken: z.string().exactOptional(),
  /** The `sub` of whoever was asked, where that is known. */
  subject: z.string().exactOptional(),
})
type SentRequest = z.output<typeof sentRequest>

/** 256 bits (CIBA Core §7.1 asks for 128). */
const pingTokenBytes = 32

const grant: PolledGrant = {
  ask: oauth.backchannelAuthenticationGrantRequest,
  read: oauth.processBackchannelAuthenticationGrantResponse,
}

/** The steps of one provider. This file is what brings in the protocol library, so it is imported with the first step. */
export function cibaSteps(
  config: CibaConfig,
  {
    name,
    host,
    limits,
    scopesOf,
  }: { name: string; host: string; limits: FetchLimits; scopesOf: (requirement: AuthRequirement) => readonly string[] },
): CibaSteps {
  const given = { backchannel_authentication_endpoint: config.backchannel_authentication_url }
  const needed = ['backchannel_authentication_endpoint', 'token_endpoint'] as const
  const meet = oauthParty(config, { name, limits, needed, given })
  const poll = polling({ name, grant, meet: oauthParty(config, { name, limits: { ...limits, timeoutMs: LONG_POLL_MS }, needed, given }) })

  return {
    ...renewalSteps({ name, host, meet }),
    async ask(requirement, context) {
      const problem = bindingMessageProblem(requirement.bindingMessage, config.binding_message)
      if (problem !== undefined) return { status: 'refused', code: 'invalid_binding_message', reason: problem }
      const party = await meet(context).catch(nothingSent)
      const hint = hintOf(config, requirement, { name, issuer: party.server.issuer, ...context })
      const pingToken = config.delivery_mode === 'ping' ? toBase64url(context.runtime.randomBytes(pingTokenBytes)) : undefined
      const parameters = cibaParameters(config, { requirement, scopes: scopesOf(requirement), hint, pingToken })
      const { server, client, authentication, options } = party
      try {
        const response = await oauth.backchannelAuthenticationRequest(server, client, authentication, parameters, options)
        const { auth_req_id, ...answer } = await oauth.processBackchannelAuthenticationResponse(server, client, response)
        const wait = firstWait({ ...answer, id: auth_req_id }, context.runtime.now())
        return waiting(requirement, wait, {
          ...(pingToken !== undefined && { pingToken }),
          ...(hint.subject !== undefined && { subject: hint.subject }),
        })
      } catch (cause) {
        return notAsked(cause, name, context)
      }
    },
    async poll(requirement, state, context) {
      const { request, ...sent } = readSentRequest(state)
      // Once more: some servers make a token for their own userinfo endpoint of a request that names its API only when it is asked.
      const parameters = new URLSearchParams(resourceParameters(config, requirement))
      const polled = await poll({ request, parameters }, context)
      if (polled.status === 'refused') return polled
      if (polled.status === 'waiting') return waiting(requirement, polled, sent)
      const acrValues = acrValuesOf(config, requirement)
      return polledGrant(polled, { host, requirement, scopes: scopesOf(requirement), subject: sent.subject, acrValues })
    },
  }
}

function waiting({ bindingMessage }: AuthRequirement, { request, pollAt, phase }: PollWait, sent: Omit<SentRequest, 'request'>): AuthStep {
  return {
    status: 'waiting',
    challenge: { kind: 'backchannel', ...(bindingMessage !== undefined && { bindingMessage }) },
    state: { request, ...sent },
    correlation: request.id,
    expiresAt: request.deadline,
    pollAt,
    phase,
    ...(sent.pingToken !== undefined && { pingToken: sent.pingToken }),
  }
}

/** What a server says of whom it is to ask, or of how (CIBA Core §13): `invalid_request` is also said of people without a device. */
const refusals: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'access_denied',
  'unknown_user_id',
  'expired_login_hint_token',
  'missing_user_code',
  'invalid_user_code',
  'invalid_binding_message',
  'invalid_request',
])

/**
 * Tells what the server would not do from a failure, of which is said whether a device can have rung.
 * @throws CountersignError for what is not about the person or the message
 */
function notAsked(cause: unknown, name: string, { runtime }: AuthContext): AuthStep {
  const failure = oauthFailure(cause, `the backchannel authentication endpoint of auth provider "${name}"`)
  if (neverConnected(cause)) throw unsent(failure)
  if (!refusals.has(failure.code)) throw failure
  runtime.log.warn('an authorization server did not ask anybody', { provider: name, ...errorFacts(failure) })
  return { status: 'refused', code: failure.code }
}

function nothingSent(error: unknown): never {
  throw isCountersignError(error) ? unsent(error) : error
}

function readSentRequest(state: JsonObject): SentRequest {
  const parsed = sentRequest.safeParse(state)
  if (parsed.success) return parsed.data
  throw new CountersignError('invalid_request', 'what was remembered of a request to another device cannot be read: ask again')
}
