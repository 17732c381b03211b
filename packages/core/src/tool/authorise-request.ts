import type { Credential } from '../auth/credential.ts'
import { CountersignError } from '../errors.ts'

/**
 * The same request with the credential on it, in the one place where its kind goes; what the tool put there gives way.
 * @param nonce what the API wants in a proof (RFC 9449 §9), if it has said so
 * @see RFC 6750 §2.1, RFC 7617, RFC 9449 §7.1
 */
export async function authoriseRequest(request: Request, credential: Credential, nonce: string | undefined): Promise<Request> {
  const word = credential.accessToken.reveal()
  switch (credential.tokenType) {
    case 'bearer':
      request.headers.set('authorization', `Bearer ${word}`)
      return request
    case 'basic':
      request.headers.set('authorization', `Basic ${word}`)
      return request
    case 'dpop': {
      // It brings in the protocol library, which a workflow without bound tokens never needs.
      const { dpopProof } = await import('../providers/dpop-proof.ts')
      const { method, url } = request
      request.headers.set('dpop', await dpopProof(credential, { method, url, ...(nonce !== undefined && { nonce }) }))
      request.headers.set('authorization', `DPoP ${word}`)
      return request
    }
    case 'api_key':
      return withApiKey(request, credential.place, word)
  }
}

/** Every text by which a credential could be known in what comes back from an API, also within JSON. */
export function textsOf(credential: Credential): readonly string[] {
  const texts = wordsOf(credential)
  return [...new Set([...texts, ...texts.map((text) => JSON.stringify(text).slice(1, -1))])]
}

function wordsOf({ tokenType, accessToken, place }: Credential): readonly string[] {
  const word = accessToken.reveal()
  if (tokenType === 'api_key' && place?.in === 'query') return [...new Set([word, encodeURIComponent(word), inQuery(word)])]
  if (tokenType !== 'basic') return [word]
  const password = passwordIn(word)
  // One that is shorter protects nothing, and stands in every other word.
  return password.length < 4 ? [word] : [word, password]
}

function withApiKey(request: Request, place: Credential['place'], key: string): Request {
  // Thrown by a header, the error would quote the key.
  if (place === undefined || !/^[\x20-\x7e]+$/.test(key))
    throw new CountersignError('invalid_config', 'an API key cannot be put on a request')
  const { name, prefix } = place
  switch (place.in) {
    case 'header':
      request.headers.set(name, prefix === undefined ? key : `${prefix} ${key}`)
      return request
    case 'cookie': {
      const others = (request.headers.get('cookie') ?? '').split(/;\s*/).filter((pair) => pair !== '' && !pair.startsWith(`${name}=`))
      request.headers.set('cookie', [...others, `${name}=${key}`].join('; '))
      return request
    }
    case 'query': {
      const url = new URL(request.url)
      url.searchParams.set(name, key)
      return new Request(url, request)
    }
  }
}

/** As an address holds it. */
function inQuery(word: string): string {
  return new URLSearchParams([['', word]]).toString().slice(1)
}

/** The password of "user:password" in base64 (RFC 7617 §2); nothing, where the word is another. */
function passwordIn(word: string): string {
  try {
    const text = new TextDecoder().decode(Uint8Array.from(atob(word), (character) => character.charCodeAt(0)))
    return text.slice(text.indexOf(':') + 1)
  } catch {
    return ''
  }
}
