import { expect, test } from 'vitest'
import type { KeyList } from '../runtime/key-source.ts'
import type { InteractionRow } from '../store/rows.ts'
import { askedRow } from '../testing/call-entry.ts'
import { virtualRuntime } from '../testing/virtual-runtime.ts'
import { Receipts } from './receipts.ts'

const runtime = virtualRuntime()
const [first, second] = [1, 2].map((fill) => ({ id: `r${fill}`, bytes: new Uint8Array(32).fill(fill) }))
if (!first || !second) throw new Error('there are two keys')
const question = { kind: 'text', text: 'To which account?' } as const

test('an answer holds under a key that is no longer the newest, and is signed with the newest', () => {
  const before = new Receipts(() => [first], runtime)
  const after = new Receipts(() => [second, first], runtime)
  const row = signed(before)
  expect(row.receipt).toMatch(/^v1\.r1\.[\w-]{43}$/)
  expect([after.hold(row, question), before.hold(row, question)]).toEqual([true, true])
  expect(signed(after).receipt).toMatch(/^v1\.r2\./)
})

test('a server that does not know the key yet looks again', () => {
  const asked: (string | undefined)[] = []
  const keys = (missing?: string): KeyList => {
    asked.push(missing)
    return missing === 'r2' ? [second, first] : [first]
  }
  expect(new Receipts(keys, runtime).hold(signed(new Receipts(() => [second], runtime)), question)).toBe(true)
  expect(asked).toEqual([undefined, 'r2'])
})

test.each<readonly [string, Partial<InteractionRow>]>([
  ['no receipt', { receipt: null }],
  ['a receipt of another form', { receipt: 'approved' }],
  ['a receipt under a key that nobody has', { receipt: 'v1.r9.AAAA' }],
  ['another id', { id: 'interaction-2' }],
  ['another run', { runId: 'run-2' }],
  ['another call', { callId: 'call-2' }],
  ['another place', { place: 'approval' }],
  ['another digest', { digest: 'd2' }],
  ['another answer', { response: { action: 'accept', answer: 'Mallory’s' } }],
  ['another person', { settledBy: 'user:mallory' }],
  ['another time', { settledAt: 9 }],
])('an answer with %s does not hold', (_what, change) => {
  const receipts = new Receipts(() => [first], runtime)
  expect(receipts.hold(signed(receipts), question)).toBe(true)
  expect(receipts.hold({ ...signed(receipts), ...change }, question)).toBe(false)
  expect(receipts.hold(signed(receipts), { ...question, text: 'To whose account?' })).toBe(false)
})

function signed(receipts: Receipts): InteractionRow {
  const response = { action: 'accept', answer: 'Hers' } as const
  const row = askedRow({ place: 'ask:1', digest: 'd', question, response, settledBy: 'user:ada', settledAt: 7 })
  return { ...row, receipt: receipts.sign(row, row) }
}
