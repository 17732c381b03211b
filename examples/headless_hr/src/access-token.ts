import { createRemoteJWKSet, errors, jwtVerify } from 'jose'
import { z } from 'zod'

/** Whose tokens an API believes, and for whom they must be. */
export interface Trust {
  /** The authorization server. */
  readonly issuer: string
  /** What the API is called there: the resource that a token was asked for. */
  readonly audience: string
}

/** What an API may know of whoever has an access token. */
export interface Claims {
  readonly subject: string
  readonly scopes: readonly string[]
}

/**
 * Verifies JWT access tokens (RFC 9068 §4) with the keys that their issuer publishes.
 * @returns the claims, or undefined when the token is not good here; it throws when the issuer cannot be asked
 */
export function accessTokens({ issuer, audience }: Trust): (token: string) => Promise<Claims | undefined> {
  let keys: Promise<ReturnType<typeof createRemoteJWKSet>> | undefined
  const knownKeys = async () => {
    keys ??= publishedKeys(issuer)
    // An issuer that was away is asked again.
    keys.catch(() => (keys = undefined))
    return keys
  }
  return async (token) => {
    const verified = await jwtVerify(token, await knownKeys(), {
      issuer,
      audience,
      typ: 'at+jwt',
      algorithms: ['RS256'],
      requiredClaims: ['exp', 'iat', 'jti', 'sub', 'client_id'],
    }).catch(undefinedIfRefused)
    const claims = tokenClaims.safeParse(verified?.payload)
    return claims.success ? { subject: claims.data.sub, scopes: claims.data.scope.split(' ') } : undefined
  }
}

/** A token that is bound to a key (RFC 7800 `cnf`) is not a bearer token: here it proves nothing. */
const tokenClaims = z.looseObject({ sub: z.string(), scope: z.string().default(''), cnf: z.undefined().optional() })
const metadata = z.looseObject({ issuer: z.string(), jwks_uri: z.url() })

async function publishedKeys(issuer: string): Promise<ReturnType<typeof createRemoteJWKSet>> {
  const response = await fetch(`${issuer}/.well-known/openid-configuration`)
  const described = metadata.parse(await response.json())
  if (described.issuer !== issuer) throw new Error(`the authorization server calls itself "${described.issuer}", not "${issuer}"`)
  return createRemoteJWKSet(new URL(described.jwks_uri))
}

/** That the keys cannot be had is not the token's fault. */
function undefinedIfRefused(error: unknown): undefined {
  const isOutage = error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid
  if (!(error instanceof errors.JOSEError) || isOutage || error.code === 'ERR_JOSE_GENERIC') throw error
}
