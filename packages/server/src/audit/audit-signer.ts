import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { type AuditSigner, keyNamed, type KeySource, type SealingKey } from '@countersign/core'

/** What makes 32 bytes a private key that Node reads: PKCS #8 for Ed25519 (RFC 8410 §7). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

interface SigningKey {
  readonly secret: KeyObject
  readonly open: KeyObject
}

/** Ed25519 (RFC 8032) by the keys of the ring, whose bytes are the seeds. */
export function auditSigner(keys: KeySource): AuditSigner {
  const made = new Map<string, SigningKey>()
  const signingKey = ({ id, bytes }: SealingKey): SigningKey => {
    const known = made.get(id)
    if (known) return known
    const secret = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, bytes]), format: 'der', type: 'pkcs8' })
    const key = { secret, open: createPublicKey(secret) }
    made.set(id, key)
    return key
  }
  return {
    sign(bytes) {
      const [newest] = keys()
      return { key: newest.id, signature: sign(null, bytes, signingKey(newest).secret) }
    },
    verify({ bytes, key, signature }) {
      const known = keyNamed(keys, key)
      if (!known) return 'unknown_key'
      return verify(null, bytes, signingKey(known).open, signature) ? 'good' : 'forged'
    },
  }
}
