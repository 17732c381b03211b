import type { AuditSigner } from '../audit/checkpoint.ts'
import type { Runtime } from '../runtime/runtime.ts'

/** A signer of tests: what it signs, it alone can verify. */
export function sealedSigner({ sha256 }: Pick<Runtime, 'sha256'>, key = 'k-audit'): AuditSigner {
  const secret = new TextEncoder().encode(`secret of ${key}`)
  const seal = (bytes: Uint8Array): Uint8Array => sha256(Uint8Array.from([...secret, ...bytes]))
  return {
    sign: (bytes) => ({ key, signature: seal(bytes) }),
    verify: ({ bytes, key: named, signature }) => {
      if (named !== key) return 'unknown_key'
      return seal(bytes).join() === signature.join() ? 'good' : 'forged'
    },
  }
}
