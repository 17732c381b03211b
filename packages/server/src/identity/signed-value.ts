import { createHmac, timingSafeEqual } from 'node:crypto'
import type { SealingKey } from '@countersign/core'

/** `value.signature`: HMAC-SHA-256 under the newest key. */
export function signValue(value: string, keys: readonly [SealingKey, ...SealingKey[]]): string {
  return `${value}.${signature(value, keys[0])}`
}

/** The value, if any of the keys signed it; compared in constant time. */
export function verifyValue(signed: string, keys: readonly SealingKey[]): string | undefined {
  const dot = signed.lastIndexOf('.')
  if (dot < 1 || signed.length > 512) return undefined
  const value = signed.slice(0, dot)
  const given = Buffer.from(signed.slice(dot + 1))
  return keys.some((key) => isEqual(given, Buffer.from(signature(value, key)))) ? value : undefined
}

function signature(value: string, key: SealingKey): string {
  return createHmac('sha256', key.bytes).update(value).digest('base64url')
}

function isEqual(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right)
}
