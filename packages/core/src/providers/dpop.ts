import * as oauth from 'oauth4webapi'
import { Secret } from '../runtime/secret.ts'
import type { OurSide, RequestOptions } from './oauth-client.ts'
import { requestOptions } from './oauth-client.ts'
import type { OauthFetch } from './oauth-fetch.ts'

/** The latest nonce of an authorization server (RFC 9449 §8): it is the server's, not a key's, so all keys of a provider share it. */
export interface NonceMemory {
  latest: string | undefined
}

/** The private key that the tokens of one grant are bound to (RFC 9449 §4), ready to prove itself. */
export interface ProofKey {
  /** The JWK, to be kept with the credential. */
  readonly secret: Secret
  readonly handle: oauth.DPoPHandle
}

/** The key of a grant that is bound already, or a fresh one: no two grants share a key. */
export async function proofKey(bound: Secret | undefined, nonces: NonceMemory): Promise<ProofKey> {
  const secret = bound ?? (await freshKey())
  const pair = await keyPairOf(secret)
  const withNonce = (_header: object, claims: Record<string, unknown>): void => {
    if (nonces.latest !== undefined) claims['nonce'] = nonces.latest
  }
  return { secret, handle: oauth.DPoP({}, pair, { [oauth.modifyAssertion]: withNonce }) }
}

/** Who asks, and whom: what a token request is made again from. */
export interface ProvenRequest extends OurSide {
  readonly server: oauth.AuthorizationServer
  readonly handle: oauth.DPoPHandle
  readonly nonces: NonceMemory
}

/**
 * Options that prove the key with every token request. One that the server refuses only because it wants its nonce in the proof is made again, once
 * (RFC 9449 §8): from the beginning, for neither a proof nor a client's assertion may come twice.
 */
export function provenOptions({ server, client, authentication, handle, nonces }: ProvenRequest, fetch: OauthFetch): RequestOptions {
  const remembering: OauthFetch = async (address, request) => {
    const response = await fetch(address, request)
    nonces.latest = response.headers.get('dpop-nonce') ?? nonces.latest
    return response
  }
  const options = { ...requestOptions(remembering), DPoP: handle }
  const onceMore: OauthFetch = async (address, request) => {
    const response = await remembering(address, request)
    const grant = request.body?.get('grant_type')
    if (request.body == null || grant == null || !(await wantsNonce(response))) return response
    return oauth.genericTokenEndpointRequest(server, client, authentication, grant, request.body, options)
  }
  return { ...options, [oauth.customFetch]: onceMore }
}

/** The public and the private half of a key of ours. */
export async function keyPairOf(secret: Secret): Promise<CryptoKeyPair> {
  // Our own writing, kept sealed.
  const { kty, crv, x, y, d } = JSON.parse(secret.reveal()) as JsonWebKey
  const publicHalf = { kty, crv, x, y } as JsonWebKey
  const [privateKey, publicKey] = await Promise.all([
    crypto.subtle.importKey('jwk', { ...publicHalf, d } as JsonWebKey, es256, false, ['sign']),
    crypto.subtle.importKey('jwk', publicHalf, es256, true, ['verify']),
  ])
  return { privateKey, publicKey }
}

const es256 = { name: 'ECDSA', namedCurve: 'P-256' } as const

async function freshKey(): Promise<Secret> {
  const { privateKey } = await oauth.generateKeyPair('ES256', { extractable: true })
  const { kty, crv, x, y, d } = await crypto.subtle.exportKey('jwk', privateKey)
  return new Secret(JSON.stringify({ kty, crv, x, y, d }))
}

async function wantsNonce(response: Response): Promise<boolean> {
  if ((response.status !== 400 && response.status !== 401) || !response.headers.has('dpop-nonce')) return false
  const body: unknown = await response
    .clone()
    .json()
    // Whoever asked will say what is wrong with this answer.
    .catch(() => undefined)
  return typeof body === 'object' && body !== null && 'error' in body && body.error === 'use_dpop_nonce'
}
