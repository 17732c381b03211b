import * as oauth from 'oauth4webapi'
import type { Credential } from '../auth/credential.ts'
import { CountersignError } from '../errors.ts'
import type { Secret } from '../runtime/secret.ts'
import { idTokenClaims } from './id-token.ts'
import type { OauthClientConfig } from './oauth-client-config.ts'
import { oauthFailure } from './oauth-failure.ts'
import type { OauthParty } from './oauth-party.ts'
import { resourceParameters } from './oauth-resource.ts'
import { grantedScopes, scopeSet } from './oauth-scopes.ts'
import { toCredential } from './token-credential.ts'
import { neverConnected, unsent } from './unsent.ts'

/** Of the two sides, what renewing and withdrawing a credential take. */
type Party = OauthParty<OauthClientConfig, 'token_endpoint'>

/** What renewing a credential takes: its party was met with the credential's own key, where it has one. */
export interface RenewalParts extends Party {
  /** The server's, by which its credentials are known. */
  readonly host: string
}

/**
 * Renews a credential by its refresh token (RFC 6749 §6), with one request.
 * @throws CountersignError `invalid_grant` when only a new consent helps, `upstream_failed` when the refresh token may still be good
 */
export async function renewCredential(parts: RenewalParts, credential: Credential, refreshToken: Secret): Promise<Credential> {
  const { config, name, host, server, client, authentication, context, proofKey } = parts
  const { resource, subject } = credential
  const additionalParameters = resourceParameters(config, { ...(resource !== undefined && { resource }) })
  const options = { ...parts.options, additionalParameters }
  const party = `the token endpoint of auth provider "${name}"`
  const askedAt = context.runtime.now()
  try {
    const response = await oauth.refreshTokenGrantRequest(server, client, authentication, refreshToken.reveal(), options)
    const answer = await oauth.processRefreshTokenResponse(server, client, response)
    const claims = await idTokenClaims(answer, config.client_id, party)
    // OpenID Connect Core §12.2: a refresh never changes who signed in.
    if (claims !== undefined && subject !== undefined && claims.sub !== subject) {
      throw new CountersignError('upstream_failed', `${party} answered for another person than the one who signed in`)
    }
    // What has no effect on an API, a server need not name again.
    const lasting = credential.scopes.filter((scope) => scope === 'openid' || scope === 'offline_access')
    const scopes = scopeSet(grantedScopes(answer.scope, credential.scopes), lasting)
    return toCredential(answer, {
      askedAt,
      scopes,
      subject: subject ?? claims?.sub,
      resource,
      refreshToken,
      idToken: credential.idToken,
      host,
      proofKey,
      party,
    })
  } catch (cause) {
    const failure = oauthFailure(cause, party)
    throw neverConnected(cause) ? unsent(failure) : failure
  }
}

/**
 * Withdraws a grant (RFC 7009): by the refresh token, and by the access token that goes with it.
 * @returns whether the server confirmed the end of what lasts longest; one that offers no revocation is left alone, and the credential ends with its lifetime
 * @throws CountersignError `upstream_failed`, `invalid_client` …
 */
export async function revokeCredential({ name, server, client, authentication, options }: Party, credential: Credential): Promise<boolean> {
  if (server.revocation_endpoint === undefined) return false
  const { accessToken, refreshToken } = credential
  const revoke = async (token: Secret, hint: 'access_token' | 'refresh_token'): Promise<void> => {
    const hinted = { ...options, additionalParameters: { token_type_hint: hint } }
    await oauth.processRevocationResponse(await oauth.revocationRequest(server, client, authentication, token.reveal(), hinted))
  }
  try {
    await (refreshToken === undefined ? revoke(accessToken, 'access_token') : revoke(refreshToken, 'refresh_token'))
  } catch (cause) {
    throw oauthFailure(cause, `the revocation endpoint of auth provider "${name}"`)
  }
  // A server that ends access tokens with their grant (RFC 7009 §2.1) knows it no more, and one with self-contained tokens cannot end it.
  if (refreshToken !== undefined) await revoke(accessToken, 'access_token').catch(() => undefined)
  return true
}
