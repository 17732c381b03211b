import * as oauth from 'oauth4webapi'
import type { Credential } from '../auth/credential.ts'
import { CountersignError } from '../errors.ts'
import { keyPairOf } from './dpop.ts'

/** For which request, and with which nonce of its server. */
export interface ProofRequest {
  readonly method: string
  readonly url: string
  readonly nonce?: string
}

/**
 * The proof that goes with a bound token to an API: for this request alone (RFC 9449 §7).
 * @throws CountersignError `invalid_token` for a credential that has no key
 */
export async function dpopProof({ accessToken, proofKey }: Credential, { method, url, nonce }: ProofRequest): Promise<string> {
  if (proofKey === undefined) throw new CountersignError('invalid_token', 'a token that is bound to a key is of no use without it')
  const withNonce = (_header: object, claims: Record<string, unknown>): void => {
    if (nonce !== undefined) claims['nonce'] = nonce
  }
  const handle = oauth.DPoP({}, await keyPairOf(proofKey), { [oauth.modifyAssertion]: withNonce })
  let proof = ''
  // The library makes proofs only for requests that it sends: this one ends here, and the caller's goes out.
  const unsent = async (_address: string, { headers }: { readonly headers: Readonly<Record<string, string>> }): Promise<Response> => {
    proof = headers['dpop'] ?? ''
    return new Response()
  }
  const options = { DPoP: handle, [oauth.customFetch]: unsent, [oauth.allowInsecureRequests]: true } as const
  await oauth.protectedResourceRequest(accessToken.reveal(), method, new URL(url), undefined, null, options)
  return proof
}
