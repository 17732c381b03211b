import * as oauth from 'oauth4webapi'
import type { AuthContext, AuthStep } from '../auth/auth-provider.ts'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import type { Credential } from '../auth/credential.ts'
import { CountersignError } from '../errors.ts'
import type { Secret } from '../runtime/secret.ts'
import { coversDetails } from './granted-details.ts'
import { refusedOrFailed } from './oauth-failure.ts'
import type { FetchLimits } from './oauth-fetch.ts'
import { type OauthParty, oauthParty } from './oauth-party.ts'
import { resourceParameters } from './oauth-resource.ts'
import { grantedScopes, withheldScopes } from './oauth-scopes.ts'
import { toCredential } from './token-credential.ts'
import type { TokenExchangeConfig } from './token-exchange-config.ts'
import { revokeCredential } from './token-renewal.ts'

/** What a token-exchange provider does over the network. */
export interface TokenExchangeSteps {
  exchange(requirement: AuthRequirement, context: AuthContext): Promise<AuthStep>
  revoke(credential: Credential, context: AuthContext): Promise<boolean>
}

/** RFC 8693 §2.1. */
const grantType = 'urn:ietf:params:oauth:grant-type:token-exchange'

/** RFC 8693 §3. */
const typeOf = (word: string): string => `urn:ietf:params:oauth:token-type:${word}`

/** How a provider of exchanged credentials is known. */
interface ExchangeSetup {
  readonly name: string
  readonly host: string
  readonly limits: FetchLimits
  readonly scopesOf: (requirement: AuthRequirement) => readonly string[]
}

/** The steps of one provider. This file is what brings in the protocol library, so it is imported with the first step. */
export function tokenExchangeSteps(config: TokenExchangeConfig, { name, host, limits, scopesOf }: ExchangeSetup): TokenExchangeSteps {
  const meet = oauthParty(config, { name, limits, needed: ['token_endpoint'] })
  return {
    async exchange(requirement, context) {
      const scopes = scopesOf(requirement)
      // What is to be handed over is looked at before anybody is met.
      const parameters = exchangeParameters(config, { name, requirement, scopes }, context)
      const met = await meet(context)
      const party = `the token endpoint of auth provider "${name}"`
      const askedAt = context.runtime.now()
      try {
        const answer = await ask(met, parameters, party)
        const { proofKey } = met
        const { resource } = requirement
        const facts = { askedAt, host, scopes: grantedScopes(answer.scope, scopes), resource, proofKey, party }
        // Nothing that renews it: it would outlast the consent that it comes from.
        const { refresh_token: _, ...once } = answer
        const credential = toCredential(once, facts)
        return refusedFor(answer, { host, requirement, scopes }) ?? { status: 'granted', credential }
      } catch (cause) {
        return refusedOrFailed(cause, party)
      }
    },
    revoke: async (credential, context) => revokeCredential(await meet(context, credential.proofKey), credential),
  }
}

/** What one exchange is for. */
interface Wanted {
  readonly name: string
  readonly requirement: AuthRequirement
  readonly scopes: readonly string[]
}

function exchangeParameters(config: TokenExchangeConfig, wanted: Wanted, { parties }: AuthContext): URLSearchParams {
  const { scopes, requirement } = wanted
  const { subject_provider, subject_token_type, actor_provider, actor_token_type } = config
  const details = requirement.authorizationDetails ?? []
  const parameters = new URLSearchParams([
    ...handedOver('subject', parties?.subject, { ...wanted, from: subject_provider, as: subject_token_type }),
    ...(actor_provider === undefined ? [] : handedOver('actor', parties?.actor, { ...wanted, from: actor_provider, as: actor_token_type })),
    ['requested_token_type', typeOf(config.requested_token_type)],
    ...resourceParameters(config, requirement),
    ...(config.audience ?? []).map((each) => ['audience', each]),
  ])
  // Without it a server gives what it likes, often all that the subject's token allows.
  if (scopes.length > 0) parameters.set('scope', scopes.join(' '))
  if (details.length > 0) parameters.set('authorization_details', JSON.stringify(details))
  return parameters
}

/** A party's token as the parameters of an exchange, revealed just before they are sent. */
function handedOver(
  role: 'subject' | 'actor',
  credential: Credential | undefined,
  { name, from, as }: Wanted & { readonly from: string; readonly as: TokenExchangeConfig['subject_token_type'] },
): string[][] {
  const token = credential && tokenOf(credential, as)
  if (token === undefined) {
    const lack = credential === undefined ? `the credential of "${from}" is not there` : `"${from}" brought no ${as} to hand over`
    throw new CountersignError('invalid_grant', `auth provider "${name}" has no ${role}: ${lack}`)
  }
  return [
    [`${role}_token`, token.reveal()],
    [`${role}_token_type`, typeOf(as)],
  ]
}

/** Passwords and API keys are no tokens, whatever provider brings them. */
function tokenOf({ tokenType, accessToken, idToken }: Credential, as: TokenExchangeConfig['subject_token_type']): Secret | undefined {
  if (as === 'id_token') return idToken
  return tokenType === 'bearer' || tokenType === 'dpop' ? accessToken : undefined
}

/** @throws CountersignError `upstream_failed` for what is not the token that was asked for; whatever oauth4webapi throws */
async function ask(
  { config, server, client, authentication, options }: OauthParty<TokenExchangeConfig, 'token_endpoint'>,
  parameters: URLSearchParams,
  party: string,
): Promise<oauth.TokenEndpointResponse> {
  const response = await oauth.genericTokenEndpointRequest(server, client, authentication, grantType, parameters, options)
  const useless = (): never => {
    // RFC 8693 §2.2.1: such a token is only for handing over to yet another server.
    throw new CountersignError('upstream_failed', `${party} sent a token that goes on no request (N_A)`)
  }
  const answer = await oauth.processGenericTokenEndpointResponse(server, client, response, { recognizedTokenTypes: { n_a: useless } })
  if (answer['issued_token_type'] !== typeOf(config.requested_token_type))
    throw new CountersignError('upstream_failed', `${party} did not say that it sent what was asked for (${config.requested_token_type})`)
  return answer
}

/** What is wrong with a grant: a token that allows more than was asked for is not kept either, for nobody has consented to that. */
function refusedFor(
  { scope, authorization_details }: oauth.TokenEndpointResponse,
  { host, requirement, scopes }: { readonly host: string; readonly requirement: AuthRequirement; readonly scopes: readonly string[] },
): AuthStep | undefined {
  const said = scope?.split(' ').filter((word) => word !== '') ?? scopes
  const details = requirement.authorizationDetails ?? []
  if (said.some((word) => !scopes.includes(word)))
    return { status: 'refused', code: 'invalid_scope', reason: `${host} granted more than was asked for; its token was not kept.` }
  const withheld = withheldScopes(scopes, said, false)
  if (withheld.length > 0) return { status: 'refused', code: 'insufficient_scope', reason: `not granted: ${withheld.join(' ')}` }
  if (!coversDetails(authorization_details ?? [], details) || (authorization_details?.length ?? 0) > details.length)
    return { status: 'refused', code: 'insufficient_scope', reason: 'not granted in the detail that was asked for' }
  return undefined
}
