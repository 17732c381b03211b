import { generateKeyPair, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import type { JSONWebKeySet } from 'jose'
import type { JWKS } from 'oidc-provider'

/** The secrets of one run. */
export interface DemoKeys {
  /** Signs id tokens (RS256, the algorithm every client must understand: OpenID Connect Core §15.1). */
  readonly jwks: JWKS
  /** Checks what the same keys signed. */
  readonly publicJwks: JSONWebKeySet
  /** Signs cookies. */
  readonly cookieKeys: string[]
}

/** Draws new keys; this is the one place here that asks for randomness. */
export async function generateDemoKeys(): Promise<DemoKeys> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const { kty, ...rest } = privateKey.export({ format: 'jwk' })
  const key = { ...rest, kty: kty ?? 'RSA', use: 'sig', alg: 'RS256', kid: randomBytes(8).toString('hex') }
  const { e, n, use, alg, kid } = key
  const publicKey = { kty: key.kty, use, alg, kid, ...(e !== undefined && { e }), ...(n !== undefined && { n }) }
  return { jwks: { keys: [key] }, publicJwks: { keys: [publicKey] }, cookieKeys: [randomBytes(32).toString('hex')] }
}
