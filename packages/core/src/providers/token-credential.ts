import type { TokenEndpointResponse } from 'oauth4webapi'
import type { Credential } from '../auth/credential.ts'
import { CountersignError } from '../errors.ts'
import { Secret } from '../runtime/secret.ts'
import type { ProofKey } from './dpop.ts'

/** What a credential is made of besides the token answer itself. */
export interface CredentialFacts {
  /** Epoch ms when the token was asked for: counting from then, it never seems to live longer than it does. */
  readonly askedAt: number
  readonly scopes: readonly string[]
  readonly subject?: string | undefined
  readonly resource?: string | undefined
  /** Kept when the answer brings no new one (RFC 6749 §6). */
  readonly refreshToken?: Secret | undefined
  /** Kept likewise: a server asks for no newer one as a hint (OpenID Connect Core §12.2). */
  readonly idToken?: Secret | undefined
  /** The host of the server that sent the answer. */
  readonly host: string
  /** The party's, where the token was asked for with a proof of it: only a token that is bound to it becomes a credential. */
  readonly proofKey?: ProofKey | undefined
  /** Who sent the answer, for messages. */
  readonly party: string
}

/**
 * A token answer as a credential: a bearer token (RFC 6750), or one that is bound to the key it was asked for with (RFC 9449 §5), and not the one for the other.
 * @throws CountersignError `upstream_failed`
 */
export function toCredential(answer: TokenEndpointResponse, facts: CredentialFacts): Credential {
  const { access_token, token_type, refresh_token, id_token, expires_in } = answer
  const tokenType = facts.proofKey === undefined ? 'bearer' : 'dpop'
  if (token_type !== tokenType)
    throw new CountersignError(
      'upstream_failed',
      `${facts.party} sent a token that is not ${tokenType === 'dpop' ? 'bound to its key (DPoP)' : 'a bearer token'}`,
    )
  if (!headerSafe.test(access_token)) throw new CountersignError('upstream_failed', `${facts.party} sent a token that no header can carry`)
  const refreshToken = refresh_token === undefined ? facts.refreshToken : new Secret(refresh_token)
  const idToken = id_token === undefined ? facts.idToken : new Secret(id_token)
  return {
    tokenType,
    accessToken: new Secret(access_token),
    ...(facts.proofKey !== undefined && { proofKey: facts.proofKey.secret }),
    host: facts.host,
    scopes: facts.scopes,
    expiresAt: expires_in === undefined ? null : facts.askedAt + Math.floor(Math.min(expires_in, longestSeconds) * 1000),
    ...(refreshToken !== undefined && { refreshToken }),
    ...(idToken !== undefined && { idToken }),
    ...(facts.subject !== undefined && { subject: facts.subject }),
    ...(facts.resource !== undefined && { resource: facts.resource }),
  }
}

/** RFC 6749 appendix A.12: visible ASCII. */
const headerSafe = /^[\x20-\x7e]+$/

/** Ten years: keeps a server's absurd number within what a date can hold. */
const longestSeconds = 10 * 365 * 24 * 60 * 60
