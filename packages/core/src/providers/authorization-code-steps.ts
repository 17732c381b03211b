import type { AuthContext, AuthStep } from '../auth/auth-provider.ts'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import type { Credential } from '../auth/credential.ts'
import { CountersignError, isCountersignError } from '../errors.ts'
import type { JsonObject } from '../protocol/json.ts'
import { authorizationRequest, readSentRequest } from './authorization-request.ts'
import { exchangeCode } from './code-exchange.ts'
import type { OauthConfig } from './oauth-config.ts'
import { type FetchLimits, oauthFetch } from './oauth-fetch.ts'
import { scopeSet } from './oauth-scopes.ts'
import { oauthServer } from './oauth-server.ts'
import { unsent } from './unsent.ts'
import { renewCredential, revokeCredential } from './token-renewal.ts'

/** What an authorization-code provider does over the network. */
export interface AuthorizationCodeSteps {
  open(requirement: AuthRequirement, context: AuthContext): Promise<AuthStep>
  exchange(
    requirement: AuthRequirement,
    sent: { readonly state: JsonObject; readonly callback: URL },
    context: AuthContext,
  ): Promise<AuthStep>
  refresh(credential: Credential, context: AuthContext): Promise<Credential>
  revoke(credential: Credential, context: AuthContext): Promise<boolean>
}

/** The steps of one provider. This file is what brings in the protocol library, so it is imported with the first step. */
export function authorizationCodeSteps(
  config: OauthConfig,
  { name, host, limits }: { name: string; host: string; limits: FetchLimits },
): AuthorizationCodeSteps {
  const { issuer, authorization_url, token_url, revocation_url } = config
  const findServer = oauthServer({
    name,
    limits,
    issuer,
    needed: ['authorization_endpoint', 'token_endpoint'],
    given: { authorization_endpoint: authorization_url, token_endpoint: token_url, revocation_endpoint: revocation_url },
  })
  const scopesOf = (requirement: AuthRequirement): readonly string[] => scopeSet(config.scopes, requirement.scopes)

  /** One step's view of the server; the time limit counts from here. */
  async function meet(context: AuthContext) {
    const fetch = oauthFetch(context, limits)
    return { config, name, host, context, fetch, server: await findServer(context) }
  }

  return {
    async open(requirement, context) {
      const { address, sent } = await authorizationRequest({ ...(await meet(context)), requirement, scopes: scopesOf(requirement) })
      return {
        status: 'waiting',
        challenge: { kind: 'oauth_consent', host, authorizationUrl: address },
        state: sent,
        correlation: sent.state,
      }
    },
    async exchange(requirement, { state, callback }, context) {
      const sent = readSentRequest(state)
      return exchangeCode({ ...(await meet(context)), requirement, scopes: scopesOf(requirement), sent }, callback)
    },
    async refresh(credential, context) {
      const { refreshToken } = credential
      if (refreshToken === undefined)
        throw new CountersignError('invalid_grant', `there is no refresh token of auth provider "${name}": consent is needed again`)
      const parts = await meet(context).catch((error: unknown) => {
        throw isCountersignError(error) ? unsent(error) : error
      })
      return renewCredential(parts, credential, refreshToken)
    },
    revoke: async (credential, context) => revokeCredential(await meet(context), credential),
  }
}
