import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose'

/** What a proof must be about. */
export interface ProofSubject {
  readonly url: string
  readonly token: string
  /** Of the key the token is bound to. */
  readonly thumbprint: string
}

/** Checks that whoever sends a bound token holds its key; each proof counts once (RFC 9449 §4.3, §7.1, §11.1). */
export class DpopProofs {
  readonly #seen = new Set<string>()

  async check(request: IncomingMessage, { url, token, thumbprint }: ProofSubject): Promise<boolean> {
    const proof = request.headers['dpop']
    if (typeof proof !== 'string') return false
    try {
      const options = { typ: 'dpop+jwt', algorithms: ['ES256', 'EdDSA', 'Ed25519'], maxTokenAge: MAX_AGE_SECONDS, clockTolerance: 5 }
      const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, options)
      const { htm, htu, ath, jti } = payload as Readonly<Record<string, unknown>>
      const isAboutThis = htm === request.method && htu === url && ath === createHash('sha256').update(token).digest('base64url')
      const isKey = protectedHeader.jwk !== undefined && (await calculateJwkThumbprint(protectedHeader.jwk)) === thumbprint
      return isAboutThis && isKey && typeof jti === 'string' && this.#isNew(`${thumbprint} ${jti}`)
    } catch {
      // A proof that does not verify proves nothing, whatever is wrong with it.
      return false
    }
  }

  #isNew(proof: string): boolean {
    if (this.#seen.has(proof)) return false
    this.#seen.add(proof)
    const [oldest] = this.#seen
    if (this.#seen.size > LIMIT && oldest !== undefined) this.#seen.delete(oldest)
    return true
  }
}

const MAX_AGE_SECONDS = 60
const LIMIT = 5000
