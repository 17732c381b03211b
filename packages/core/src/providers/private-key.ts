import { z } from 'zod'
import { CountersignError } from '../errors.ts'
import type { Secret } from '../runtime/secret.ts'

/** How a key signs, by the names of its algorithm (RFC 7518 §3.1, RFC 8037 §3.1). */
const algorithms = {
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  PS256: { name: 'RSA-PSS', hash: 'SHA-256' },
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
  EdDSA: { name: 'Ed25519' },
} as const
type Algorithm = keyof typeof algorithms

/** A key that signs for a client. */
export interface SigningKey {
  readonly key: CryptoKey
  readonly algorithm: Algorithm
  readonly kid?: string
}

/** A private key as operators have it: a JWK (RFC 7517), or PKCS#8 in PEM (RFC 7468 §10), whose line breaks may be gone or written as \n. */
export const privateKeyText = z.string().superRefine((text, context) => {
  const form = formOf(text)
  if ('problem' in form) context.addIssue({ code: 'custom', message: form.problem })
})

/** @throws CountersignError `invalid_config` */
export async function importPrivateKey(text: Secret, name: string): Promise<SigningKey> {
  const form = formOf(text.reveal())
  if ('problem' in form) throw new CountersignError('invalid_config', `client_key of auth provider "${name}" ${form.problem}`)
  for (const algorithm of form.candidates) {
    const [usage, parameters] = [['sign'] as const, algorithms[algorithm]]
    const imported =
      'jwk' in form
        ? crypto.subtle.importKey('jwk', form.jwk, parameters, false, usage)
        : crypto.subtle.importKey('pkcs8', form.pkcs8, parameters, false, usage)
    // The key's own error could quote it.
    const key = await imported.catch(() => undefined)
    if (key !== undefined) return { key, algorithm, ...(form.kid !== undefined && { kid: form.kid }) }
  }
  throw new CountersignError(
    'invalid_config',
    `client_key of auth provider "${name}" cannot be used: it is damaged, or its kind is none of RSA, P-256 and Ed25519`,
  )
}

type KeyForm = { readonly candidates: readonly Algorithm[]; readonly kid?: string | undefined } & (
  | { readonly jwk: JsonWebKey }
  | { readonly pkcs8: Uint8Array<ArrayBuffer> }
)

function formOf(text: string): KeyForm | { readonly problem: string } {
  return text.trimStart().startsWith('{') ? formOfJwk(text) : formOfPem(text)
}

const privateJwk = z.looseObject({
  kty: z.string(),
  crv: z.string().optional(),
  alg: z.string().optional(),
  kid: z.string().min(1).optional(),
  d: z.string().min(1).optional(),
})

function formOfJwk(text: string): KeyForm | { readonly problem: string } {
  const jwk = privateJwk.safeParse(parseJson(text)).data
  if (jwk === undefined) return { problem: 'must be a private key: a JWK as JSON, or PKCS#8 in PEM' }
  if (jwk.d === undefined) return { problem: 'must be the private key: this JWK is a public one' }
  const algorithm = algorithmOf(jwk)
  if (algorithm === undefined) return { problem: 'must be an RSA key for RS256 or PS256, a P-256 key or an Ed25519 key' }
  // What it may be used for is checked by whoever made it; a strict reader would refuse it for a word.
  const { kid, alg: _alg, use: _use, key_ops: _operations, ...members } = jwk
  return { jwk: members as JsonWebKey, kid, candidates: [algorithm] }
}

/** The algorithm of a JWK; an RSA key that names none signs as is most common. */
function algorithmOf({ kty, crv, alg }: z.output<typeof privateJwk>): Algorithm | undefined {
  const named = alg === 'Ed25519' ? 'EdDSA' : alg
  const possible: readonly Algorithm[] =
    kty === 'RSA' ? ['RS256', 'PS256'] : kty === 'EC' && crv === 'P-256' ? ['ES256'] : kty === 'OKP' && crv === 'Ed25519' ? ['EdDSA'] : []
  return named === undefined ? possible[0] : possible.find((algorithm) => algorithm === named)
}

function formOfPem(text: string): KeyForm | { readonly problem: string } {
  const [, label = '', body = ''] = /-----BEGIN ([A-Z ]+)-----([\s\S]*?)-----END \1-----/.exec(text) ?? []
  if (label === '') return { problem: 'must be a private key: a JWK as JSON, or PKCS#8 in PEM' }
  if (label !== 'PRIVATE KEY')
    return {
      problem: `must be PKCS#8 in PEM ("PRIVATE KEY"), not "${label}": openssl pkcs8 -topk8 -nocrypt turns most private keys into it`,
    }
  const base64 = body.replaceAll('\\n', '').replaceAll(/\s/g, '')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || base64.length % 4 !== 0)
    return { problem: 'is damaged: what stands in the PEM is not base64' }
  const pkcs8 = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  return { pkcs8, candidates: ['RS256', 'ES256', 'EdDSA'] }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // A syntax error quotes what it read.
    return undefined
  }
}
