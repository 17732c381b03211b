import { CountersignError } from '../errors.ts'
import { fromBase64url, toBase64url } from '../runtime/base64url.ts'
import { type KeyList, keyNamed, type KeySource, type SealingKey } from '../runtime/key-source.ts'
import type { Runtime } from '../runtime/runtime.ts'

/** Makes text unreadable and unmovable: what was sealed for one place opens nowhere else. */
export interface Sealer {
  /** @param place what the text belongs to (key, principal, provider …): authenticated, not stored */
  seal(text: string, place: readonly string[]): Promise<string>
  /** @throws CountersignError `invalid_seal` when the key is unknown, or the text or its place was changed */
  open(sealed: string, place: readonly string[]): Promise<string>
}

const encoder = new TextEncoder()

/**
 * AES-256-GCM with a fresh 96-bit nonce; `v1.<key id>.<nonce>.<ciphertext>`, base64url.
 * @see NIST SP 800-38D
 */
export function createSealer(keys: KeyList | KeySource, runtime: Pick<Runtime, 'randomBytes'>): Sealer {
  const source = typeof keys === 'function' ? keys : (): KeyList => keys
  const imported = new Map<string, Promise<CryptoKey>>()
  const keyOf = ({ id, bytes }: SealingKey): Promise<CryptoKey> => {
    const known = imported.get(id) ?? crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt'])
    imported.set(id, known)
    return known
  }
  return {
    async seal(text, place) {
      const [newest] = source()
      const iv = runtime.randomBytes(12)
      const parameters = { name: 'AES-GCM', iv, additionalData: encoder.encode(JSON.stringify(place)) }
      const sealed = await crypto.subtle.encrypt(parameters, await keyOf(newest), encoder.encode(text))
      return ['v1', newest.id, toBase64url(iv), toBase64url(new Uint8Array(sealed))].join('.')
    },
    async open(sealed, place) {
      const [version, id, iv, data] = sealed.split('.')
      if (version !== 'v1' || id === undefined || !iv || !data)
        throw new CountersignError('invalid_seal', 'a sealed value is not of a known form')
      const key = keyNamed(source, id)
      if (!key)
        throw new CountersignError(
          'invalid_seal',
          `no key "${id}" in the key ring: it sealed a value that is still in use; give this server the keys of the one that sealed it`,
        )
      const parameters = { name: 'AES-GCM', iv: fromBase64url(iv), additionalData: encoder.encode(JSON.stringify(place)) }
      try {
        return new TextDecoder().decode(await crypto.subtle.decrypt(parameters, await keyOf(key), fromBase64url(data)))
      } catch (cause) {
        throw new CountersignError('invalid_seal', 'a sealed value does not open: it was changed, or moved from where it belongs', {
          cause,
        })
      }
    },
  }
}
