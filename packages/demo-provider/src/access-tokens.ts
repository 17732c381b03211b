import { createLocalJWKSet, jwtVerify } from 'jose'
import type { JSONWebKeySet, JWTPayload } from 'jose'

/** What a token of this provider says, once its signature was checked. */
export interface AccessTokenClaims {
  readonly sub: string
  readonly clientId: string
  readonly audience: string | undefined
  readonly scopes: readonly string[]
  /** Epoch seconds. */
  readonly expiresAt: number
  /** Who acts for the subject (RFC 8693 §4.1). */
  readonly act: unknown
  /** Thumbprint of the key it is bound to (RFC 9449 §6.1). */
  readonly boundTo: string | undefined
}

/** Reads the signed access tokens of one issuer; `undefined` for anything else. */
export type ReadAccessToken = (token: string) => Promise<AccessTokenClaims | undefined>

/** A reader that trusts these keys and this issuer only. */
export function accessTokenReader(issuer: string, keys: JSONWebKeySet): ReadAccessToken {
  const keySet = createLocalJWKSet(keys)
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keySet, {
        issuer,
        typ: 'at+jwt',
        algorithms: ['RS256'],
        requiredClaims: ['sub', 'aud', 'exp', 'iat', 'client_id', 'jti'],
      })
      return claimsOf(payload)
    } catch {
      // Whatever is wrong with it, it is not a token of ours, and whoever sent it learns no more.
      return undefined
    }
  }
}

function claimsOf(payload: JWTPayload): AccessTokenClaims {
  const { sub = '', aud, exp = 0, act } = payload
  const { scope, client_id: clientId, cnf } = payload as JWTPayload & Readonly<Record<'scope' | 'client_id' | 'cnf', unknown>>
  const jkt = typeof cnf === 'object' && cnf !== null && 'jkt' in cnf ? cnf.jkt : undefined
  return {
    sub,
    clientId: String(clientId),
    audience: typeof aud === 'string' ? aud : undefined,
    scopes: typeof scope === 'string' ? scope.split(' ') : [],
    expiresAt: exp,
    act,
    boundTo: typeof jkt === 'string' ? jkt : undefined,
  }
}
