import * as oauth from 'oauth4webapi'
import type { AuthContext, AuthStep } from '../auth/auth-provider.ts'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import type { ClientCredentialsConfig } from './client-credentials-config.ts'
import { coversDetails } from './granted-details.ts'
import { oauthFailure } from './oauth-failure.ts'
import type { FetchLimits } from './oauth-fetch.ts'
import { oauthParty } from './oauth-party.ts'
import { grantedScopes, withheldScopes } from './oauth-scopes.ts'
import { grantParameters } from './grant-parameters.ts'
import { toCredential } from './token-credential.ts'

/** What a grant knows of its provider. */
export interface GrantSetup {
  readonly name: string
  readonly host: string
  readonly limits: FetchLimits
  readonly scopesOf: (requirement: AuthRequirement) => readonly string[]
}

/** Asks for a token with one request. This file is what brings in the protocol library, so it is imported with the first. */
export function clientCredentialsGrant(
  config: ClientCredentialsConfig,
  { name, host, limits, scopesOf }: GrantSetup,
): (requirement: AuthRequirement, context: AuthContext) => Promise<AuthStep> {
  const meet = oauthParty(config, { name, limits, needed: ['token_endpoint'] })
  const party = `the token endpoint of auth provider "${name}"`
  return async (requirement, context) => {
    const { server, client, authentication, options, proofKey } = await meet(context)
    const asked = scopesOf(requirement)
    const { resource, authorizationDetails = [] } = requirement
    const askedAt = context.runtime.now()
    try {
      const parameters = grantParameters(config, requirement, asked)
      if (config.audience !== undefined) parameters.set('audience', config.audience)
      const response = await oauth.clientCredentialsGrantRequest(server, client, authentication, parameters, options)
      const answer = await oauth.processClientCredentialsResponse(server, client, response)
      const scopes = grantedScopes(answer.scope, asked)
      const withheld = withheldScopes(asked, scopes, false)
      if (withheld.length > 0) return { status: 'refused', code: 'insufficient_scope', reason: `not granted: ${withheld.join(' ')}` }
      if (!coversDetails(answer.authorization_details ?? [], authorizationDetails))
        return { status: 'refused', code: 'insufficient_scope', reason: 'not granted in the detail that was asked for' }
      return { status: 'granted', credential: toCredential(answer, { askedAt, scopes, resource, host, proofKey, party }) }
    } catch (cause) {
      throw oauthFailure(cause, party)
    }
  }
}
