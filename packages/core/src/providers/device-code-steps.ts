import * as oauth from 'oauth4webapi'
import { z } from 'zod'
import type { AuthContext, AuthStep } from '../auth/auth-provider.ts'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import { CountersignError } from '../errors.ts'
import type { JsonObject } from '../protocol/json.ts'
import { deviceChallenge, type DeviceChallenge, deviceChallengeOf } from './device-code-challenge.ts'
import type { DeviceCodeConfig } from './device-code-config.ts'
import { refusedOrFailed } from './oauth-failure.ts'
import type { FetchLimits } from './oauth-fetch.ts'
import { oauthParty } from './oauth-party.ts'
import { resourceParameters } from './oauth-resource.ts'
import { polledGrant } from './polled-grant.ts'
import { grantParameters } from './grant-parameters.ts'
import { firstWait, LONG_POLL_MS, polledRequest, type PolledGrant, polling, type PollWait } from './polling.ts'
import { type RenewalSteps, renewalSteps } from './renewal-steps.ts'

/** What a device code provider does over the network. */
export interface DeviceCodeSteps extends RenewalSteps {
  ask(requirement: AuthRequirement, context: AuthContext): Promise<AuthStep>
  poll(requirement: AuthRequirement, state: JsonObject, context: AuthContext): Promise<AuthStep>
}

/** What is remembered of a code until somebody has typed it. */
const issuedCode = z.strictObject({ request: polledRequest, challenge: deviceChallenge })

const grant: PolledGrant = { ask: oauth.deviceCodeGrantRequest, read: oauth.processDeviceCodeResponse }

/** The steps of one provider. This file is what brings in the protocol library, so it is imported with the first step. */
export function deviceCodeSteps(
  config: DeviceCodeConfig,
  {
    name,
    host,
    limits,
    scopesOf,
  }: { name: string; host: string; limits: FetchLimits; scopesOf: (requirement: AuthRequirement) => readonly string[] },
): DeviceCodeSteps {
  const given = { device_authorization_endpoint: config.device_authorization_url }
  const needed = ['device_authorization_endpoint', 'token_endpoint'] as const
  const meet = oauthParty(config, { name, limits, needed, given })
  const poll = polling({ name, grant, meet: oauthParty(config, { name, limits: { ...limits, timeoutMs: LONG_POLL_MS }, needed, given }) })

  return {
    ...renewalSteps({ name, host, meet }),
    async ask(requirement, context) {
      const where = `the device authorization endpoint of auth provider "${name}"`
      const parameters = grantParameters(config, requirement, scopesOf(requirement))
      if (config.audience !== undefined) parameters.set('audience', config.audience)
      try {
        const { server, client, authentication, options } = await meet(context)
        const response = await oauth.deviceAuthorizationRequest(server, client, authentication, parameters, options)
        const answer = await oauth.processDeviceAuthorizationResponse(server, client, response)
        const { device_code: id, expires_in, interval } = answer
        return waiting(firstWait({ id, expires_in, interval }, context.runtime.now()), deviceChallengeOf(answer, where))
      } catch (cause) {
        return refusedOrFailed(cause, where)
      }
    },
    async poll(requirement, state, context) {
      const { request, challenge } = readIssuedCode(state)
      const polled = await poll({ request, parameters: new URLSearchParams(resourceParameters(config, requirement)) }, context)
      if (polled.status === 'refused') return polled
      if (polled.status === 'waiting') return waiting(polled, challenge)
      return polledGrant(polled, { host, requirement, scopes: scopesOf(requirement) })
    },
  }
}

function waiting({ request, pollAt, phase }: PollWait, challenge: DeviceChallenge): AuthStep {
  return { status: 'waiting', challenge, state: { request, challenge }, expiresAt: request.deadline, pollAt, phase }
}

function readIssuedCode(state: JsonObject): z.output<typeof issuedCode> {
  const parsed = issuedCode.safeParse(state)
  if (parsed.success) return parsed.data
  throw new CountersignError('invalid_request', 'what was remembered of a device code cannot be read: ask again')
}
