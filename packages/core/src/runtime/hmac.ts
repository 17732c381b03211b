import type { Runtime } from './runtime.ts'

/** SHA-256 takes its input in blocks of so many bytes. */
const BLOCK = 64

/**
 * HMAC-SHA-256, synchronous: what is signed inside a unit must not leave the tick.
 * @param key at most 64 bytes
 * @see RFC 2104
 */
export function hmacSha256({ sha256 }: Pick<Runtime, 'sha256'>, key: Uint8Array, message: Uint8Array): Uint8Array {
  const inner = sha256(joined(padded(key, 0x36), message))
  return sha256(joined(padded(key, 0x5c), inner))
}

function padded(key: Uint8Array, pad: number): Uint8Array {
  return Uint8Array.from({ length: BLOCK }, (_, at) => (key[at] ?? 0) ^ pad)
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const whole = new Uint8Array(head.length + tail.length)
  whole.set(head)
  whole.set(tail, head.length)
  return whole
}
