import * as oauth from 'oauth4webapi'
import type { AuthStep } from '../auth/auth-provider.ts'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import { CountersignError } from '../errors.ts'
import type { SentRequest } from './authorization-request.ts'
import { coversDetails } from './granted-details.ts'
import { identityOf, idTokenClaims } from './id-token.ts'
import { type OauthConfig, serverHost } from './oauth-config.ts'
import { refusedOrFailed } from './oauth-failure.ts'
import type { OauthParty } from './oauth-party.ts'
import { resourceParameters } from './oauth-resource.ts'
import { grantedScopes, scopeSet, withheldScopes } from './oauth-scopes.ts'
import { toCredential } from './token-credential.ts'

/** What the way from a callback to a credential takes. */
export interface ExchangeParts extends OauthParty<OauthConfig, 'token_endpoint'> {
  readonly requirement: AuthRequirement
  readonly scopes: readonly string[]
  readonly sent: SentRequest
}

/**
 * Turns the address the browser came back to into a credential, with at most one token request. A callback that carries an
 * error, another server's name or another state makes none at all.
 * @returns granted, or refused when a person, the server's policy or a withheld scope ends it
 * @throws CountersignError `foreign_callback` for a callback that is not this sign-in's; otherwise as the failure was mapped
 */
export async function exchangeCode(parts: ExchangeParts, callback: URL): Promise<AuthStep> {
  const { name } = parts
  let redirect: URLSearchParams
  try {
    redirect = readCallback(parts, callback)
  } catch (cause) {
    return refusedOrFailed(cause, `the sign-in at auth provider "${name}"`)
  }
  const party = `the token endpoint of auth provider "${name}"`
  try {
    return await redeem(parts, redirect, party)
  } catch (cause) {
    return refusedOrFailed(cause, party)
  }
}

/**
 * Checks that it came to the address of this sign-in (RFC 9700 §4.4.2: what tells servers apart that do not name themselves), `state`, `iss` by plain
 * comparison (RFC 9207 §2.4), `error`, and that there is one code and nothing twice.
 */
function readCallback({ config, name, server, sent }: ExchangeParts, callback: URL): URLSearchParams {
  const [iss] = callback.searchParams.getAll('iss')
  try {
    if (placeOf(callback) !== placeOf(new URL(sent.redirectUri)))
      throw new oauth.OperationProcessingError('another address', { code: oauth.INVALID_RESPONSE })
    const redirect = oauth.validateAuthResponse(server, { client_id: config.client_id }, callback, sent.state)
    if (redirect.getAll('code').length !== 1 || redirect.get('code') === '')
      throw new oauth.OperationProcessingError('one code is expected', { code: oauth.INVALID_RESPONSE })
    return redirect
  } catch (cause) {
    if (cause instanceof oauth.AuthorizationResponseError) throw cause
    const isForeign = iss !== undefined && iss !== server.issuer
    const problem = isForeign
      ? `came from another server than the key "issuer" says ("${server.issuer}")`
      : 'does not belong to this sign-in'
    // The library's error holds the callback's parameters: it stays here.
    throw new CountersignError('foreign_callback', `the browser's return to auth provider "${name}" ${problem}`)
  }
}

/** An address without what differs from one return to the next. */
function placeOf({ origin, pathname }: URL): string {
  return origin + pathname
}

async function redeem(parts: ExchangeParts, redirect: URLSearchParams, party: string): Promise<AuthStep> {
  const { config, server, client, authentication, requirement, scopes, sent, context } = parts
  const options = { ...parts.options, additionalParameters: resourceParameters(config, requirement) }
  const askedAt = context.runtime.now()
  const verifier = sent.verifier ?? oauth.nopkce
  const response = await oauth.authorizationCodeGrantRequest(server, client, authentication, redirect, sent.redirectUri, verifier, options)
  const answer = await oauth.processAuthorizationCodeResponse(
    server,
    client,
    response,
    sent.nonce === undefined ? {} : { expectedNonce: sent.nonce },
  )
  const claims = await idTokenClaims(answer, config.client_id, party)
  const identity = claims && identityOf(claims)
  const granted = grantedScopes(answer.scope, scopes)
  const credential = toCredential(answer, {
    host: serverHost(config),
    askedAt,
    // Unless something that is needed was withheld: what only has another name, or no effect, is not asked for again.
    scopes: scopeSet(granted, scopes),
    subject: claims?.sub,
    resource: requirement.resource,
    proofKey: parts.proofKey,
    party,
  })
  const withheld = withheldScopes(scopes, granted, claims !== undefined)
  if (withheld.length > 0) return { status: 'refused', code: 'insufficient_scope', reason: `not granted: ${withheld.join(' ')}` }
  if (!coversDetails(answer.authorization_details ?? [], requirement.authorizationDetails ?? []))
    return { status: 'refused', code: 'insufficient_scope', reason: 'not granted in the detail that was asked for' }
  return { status: 'granted', credential, ...(identity !== undefined && { identity }) }
}
