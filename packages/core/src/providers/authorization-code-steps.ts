import type { AuthContext, AuthStep } from '../auth/auth-provider.ts'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import type { JsonObject } from '../protocol/json.ts'
import { Secret } from '../runtime/secret.ts'
import { authorizationRequest, readSentRequest } from './authorization-request.ts'
import { exchangeCode } from './code-exchange.ts'
import type { OauthConfig } from './oauth-config.ts'
import type { FetchLimits } from './oauth-fetch.ts'
import { oauthParty } from './oauth-party.ts'
import { scopeSet } from './oauth-scopes.ts'
import { type RenewalSteps, renewalSteps } from './renewal-steps.ts'

/** What an authorization-code provider does over the network. */
export interface AuthorizationCodeSteps extends RenewalSteps {
  open(requirement: AuthRequirement, context: AuthContext): Promise<AuthStep>
  exchange(
    requirement: AuthRequirement,
    sent: { readonly state: JsonObject; readonly callback: URL },
    context: AuthContext,
  ): Promise<AuthStep>
}

/** The steps of one provider. This file is what brings in the protocol library, so it is imported with the first step. */
export function authorizationCodeSteps(
  config: OauthConfig,
  { name, host, limits }: { name: string; host: string; limits: FetchLimits },
): AuthorizationCodeSteps {
  const { authorization_url, pushed_authorization_request_url } = config
  const meet = oauthParty(config, {
    name,
    limits,
    needed: ['authorization_endpoint', 'token_endpoint'],
    given: { authorization_endpoint: authorization_url, pushed_authorization_request_endpoint: pushed_authorization_request_url },
  })
  const scopesOf = (requirement: AuthRequirement): readonly string[] => scopeSet(config.scopes, requirement.scopes)

  return {
    ...renewalSteps({ name, host, meet }),
    async open(requirement, context) {
      const { address, sent } = await authorizationRequest(await meet(context), { requirement, scopes: scopesOf(requirement) })
      return {
        status: 'waiting',
        challenge: { kind: 'oauth_consent', host, authorizationUrl: address },
        state: sent,
        correlation: sent.state,
      }
    },
    async exchange(requirement, { state, callback }, context) {
      const sent = readSentRequest(state)
      const party = await meet(context, sent.proofKey === undefined ? undefined : new Secret(sent.proofKey))
      return exchangeCode({ ...party, requirement, scopes: scopesOf(requirement), sent }, callback)
    },
  }
}
