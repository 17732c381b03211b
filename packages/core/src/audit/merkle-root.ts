import type { JsonValue } from '../protocol/json.ts'
import { canonicalJson } from '../runtime/canonical-json.ts'
import type { Runtime } from '../runtime/runtime.ts'

const encoder = new TextEncoder()

/** What stands before the bytes that are hashed, so that a leaf is never mistaken for an inner node, or for a checkpoint. */
const PREFIX = { leaf: 0, inner: 1, checkpoint: 2 } as const

/**
 * The root of the Merkle tree over leaves in their order; a node without a sibling moves up as it is.
 * @param leaves one at least
 * @see RFC 6962 §2.1
 */
export function merkleRoot(runtime: Pick<Runtime, 'sha256'>, leaves: readonly JsonValue[]): Uint8Array {
  let level = leaves.map((leaf) => runtime.sha256(prefixed('leaf', encoder.encode(canonicalJson(leaf)))))
  while (level.length > 1) {
    const below = level
    level = []
    for (let at = 0; at < below.length; at += 2) {
      const [left, right] = [below[at], below[at + 1]]
      if (left) level.push(right ? runtime.sha256(prefixed('inner', left, right)) : left)
    }
  }
  return level[0] ?? runtime.sha256(new Uint8Array(0))
}

/** The bytes of parts, behind the prefix that says what they are. */
export function prefixed(kind: keyof typeof PREFIX, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(1 + parts.reduce((sum, part) => sum + part.length, 0))
  bytes[0] = PREFIX[kind]
  let at = 1
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
