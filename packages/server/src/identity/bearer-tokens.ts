import { CountersignError, isCountersignError, type Principal, type Runtime } from '@countersign/core'
import { oauthFetch } from '@countersign/core/providers'
import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import type { ServerAuth } from '../config/a2a-schema.ts'
import { issuerLimits, issuerMetadata, type IssuerMetadata } from './issuer-metadata.ts'

/** What a verified access token says: who asks, and until when it may be believed. */
export interface AccessToken {
  readonly principal: Principal
  /** Epoch milliseconds. */
  readonly expiresAt: number
  readonly scopes: readonly string[]
}

/** Signatures that only the issuer can make: a secret that both know, or none at all, would let a public key sign. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']
/** Longer ones are no tokens: real ones stay below 4 KiB, and this one is decoded before anybody knows whose it is. */
const MAX_LENGTH = 8_192
/** How far clocks may differ, seconds. */
const TOLERANCE = 30

const claims = z.object({
  sub: z.string().min(1).max(200),
  client_id: z.string().min(1).max(200).optional(),
  azp: z.string().min(1).max(200).optional(),
  exp: z.number(),
  scope: z.union([z.string(), z.array(z.string())]).optional(),
  scp: z.union([z.string(), z.array(z.string())]).optional(),
})

/** The access tokens of one authorization server, as JWTs for this audience (RFC 9068). */
export class BearerTokens {
  readonly #auth: ServerAuth
  readonly #runtime: Runtime
  readonly #find: () => Promise<IssuerMetadata>
  #keys: { readonly uri: string; readonly find: JWTVerifyGetKey } | undefined

  constructor(auth: ServerAuth, runtime: Runtime) {
    this.#auth = auth
    this.#runtime = runtime
    this.#find = issuerMetadata(auth, runtime)
  }

  /** What a token must allow. */
  get requiredScopes(): readonly string[] {
    return this.#auth.scopes
  }

  /** Where such tokens come from. @throws CountersignError `upstream_failed` */
  async tokenEndpoint(): Promise<string> {
    return (await this.#find()).token_endpoint
  }

  /** @throws CountersignError `invalid_token`, or `upstream_failed` when its issuer cannot be asked for its keys */
  async verify(token: string): Promise<AccessToken> {
    const { issuer, jwks_uri: uri } = await this.#find()
    if (token.length > MAX_LENGTH) throw new CountersignError('invalid_token', 'it is too long')
    try {
      const { payload } = await jwtVerify(token, this.#keysAt(uri), {
        issuer,
        audience: this.#auth.audience,
        typ: 'at+jwt',
        algorithms: ALGORITHMS,
        requiredClaims: ['exp', 'iat', 'sub'],
        clockTolerance: TOLERANCE,
        currentDate: new Date(this.#runtime.now()),
      })
      return accessToken(payload, issuer)
    } catch (cause) {
      if (isCountersignError(cause)) throw cause
      throw new CountersignError('invalid_token', 'the access token cannot be verified', { cause })
    }
  }

  /** Keys are remembered for ten minutes; one that is not among them is looked for again, at most every half a minute. */
  #keysAt(uri: string): JWTVerifyGetKey {
    if (this.#keys?.uri === uri) return this.#keys.find
    const remote = createRemoteJWKSet(new URL(uri), {
      [customFetch]: (address, { method, headers }) =>
        oauthFetch({ runtime: this.#runtime }, issuerLimits)(address, { method, headers: Object.fromEntries(headers) }),
    })
    const find: JWTVerifyGetKey = async (header, input) => {
      try {
        return await remote(header, input)
      } catch (cause) {
        // Whose key it is decides over the token; that nobody answers does not.
        if (cause instanceof errors.JWKSNoMatchingKey || cause instanceof errors.JWKSMultipleMatchingKeys) throw cause
        throw new CountersignError('upstream_failed', `the keys of "${new URL(uri).host}" cannot be read`, { cause })
      }
    }
    this.#keys = { uri, find }
    return find
  }
}

/** @throws CountersignError `invalid_token` */
function accessToken(payload: JWTPayload, issuer: string): AccessToken {
  const parsed = claims.safeParse(payload)
  if (!parsed.success) throw new CountersignError('invalid_token', 'a claim is missing or not what it should be')
  // Bound to a key (RFC 9449 §6, RFC 8705 §3): brought without its proof it was taken from somebody.
  if (payload['cnf'] !== undefined) throw new CountersignError('invalid_token', 'it is bound to a key')
  const { sub, client_id: clientId, azp, exp, scope, scp } = parsed.data
  return { principal: principalOf({ issuer, client: clientId ?? azp ?? sub, sub }), expiresAt: exp * 1_000, scopes: wordsOf(scope ?? scp) }
}

/** A client that acts for itself is one principal; for each of its users it is another, so that none sees what another asked. */
function principalOf({ issuer, client, sub }: { readonly issuer: string; readonly client: string; readonly sub: string }): Principal {
  const names = sub === client ? [client] : [client, sub]
  return { id: `service:${issuer}#${names.map(encodeURIComponent).join('/')}`, kind: 'service', name: names.join(' for '), roles: [] }
}

function wordsOf(scope: string | readonly string[] | undefined): readonly string[] {
  return typeof scope === 'string' ? scope.split(' ').filter((each) => each !== '') : (scope ?? [])
}
