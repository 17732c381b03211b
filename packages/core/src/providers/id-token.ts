import * as oauth from 'oauth4webapi'
import type { Identity } from '../auth/identity.ts'
import { CountersignError } from '../errors.ts'
import { fromBase64url, toBase64url } from '../runtime/base64url.ts'

/**
 * The verified claims of a token answer's ID token, if it has one: what the library leaves to its caller is checked here,
 * `azp` and `at_hash` (OpenID Connect Core §3.1.3.7 and §3.1.3.8). The signature is not: the token came straight from the
 * token endpoint, whose TLS vouches for it (§3.1.3.7 no. 6).
 * @throws CountersignError `upstream_failed`
 */
export async function idTokenClaims(
  answer: oauth.TokenEndpointResponse,
  clientId: string,
  party: string,
): Promise<oauth.IDToken | undefined> {
  const claims = oauth.getValidatedIdTokenClaims(answer)
  if (claims === undefined || answer.id_token === undefined) return undefined
  if (claims.azp !== undefined && claims.azp !== clientId) throw notForThisSignIn(party, 'azp')
  if (claims['at_hash'] !== undefined && claims['at_hash'] !== (await accessTokenHash(answer.id_token, answer.access_token))) {
    throw notForThisSignIn(party, 'at_hash')
  }
  return claims
}

/** Whom verified claims name; nobody, when the subject is not what OpenID Connect Core §2 says it must be. */
export function identityOf({ iss, sub, name, preferred_username, email }: oauth.IDToken): Identity | undefined {
  if (!/^[\x20-\x7e]{1,255}$/.test(sub)) return undefined
  const called = [name, preferred_username, email].map(harmless).find((text) => text !== '')
  return { issuer: iss, subject: sub, ...(called !== undefined && { name: called }) }
}

/** Another server's text as a name: short, on one line, and without what could make it read as something else. */
function harmless(claim: unknown): string {
  if (typeof claim !== 'string') return ''
  const text = claim.slice(0, 1000).replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, ' ')
  return Array.from(text.replaceAll(/\s+/g, ' ').trim()).slice(0, 80).join('')
}

/** The left half of the access token's hash, with the hash of the ID token's own signature algorithm. */
async function accessTokenHash(idToken: string, accessToken: string): Promise<string> {
  // The library has parsed this header before.
  const header = JSON.parse(new TextDecoder().decode(fromBase64url(idToken.split('.', 1)[0] ?? ''))) as { readonly alg?: unknown }
  const bits = /(?:256|384)$/.exec(String(header.alg))?.[0] ?? '512'
  const hash = await crypto.subtle.digest(`SHA-${bits}`, new TextEncoder().encode(accessToken))
  return toBase64url(new Uint8Array(hash, 0, hash.byteLength / 2))
}

function notForThisSignIn(party: string, claim: string): CountersignError {
  return new CountersignError('upstream_failed', `${party} sent an ID token that is not for this sign-in (${claim})`, {
    details: { claim },
  })
}
