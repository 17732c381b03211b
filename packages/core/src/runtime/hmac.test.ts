import { expect, test } from 'vitest'
import { hmacSha256 } from './hmac.ts'
import { systemRuntime } from './system-runtime.ts'

const bytes = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
const text = (words: string): Uint8Array => new TextEncoder().encode(words)

// RFC 4231 §4.2 to §4.5.
test.each([
  [bytes('0b'.repeat(20)), text('Hi There'), 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
  [text('Jefe'), text('what do ya want for nothing?'), '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'],
  [bytes('aa'.repeat(20)), bytes('dd'.repeat(50)), '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe'],
  [
    bytes('0102030405060708090a0b0c0d0e0f10111213141516171819'),
    bytes('cd'.repeat(50)),
    '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b',
  ],
])('the test vectors of RFC 4231 come out (%#)', (key, message, expected) => {
  expect(Buffer.from(hmacSha256(systemRuntime(), key, message)).toString('hex')).toBe(expected)
})
