import { expect, test } from 'vitest'
import { coversDetails } from './granted-details.ts'

const transfer = { type: 'transfer', amount: 100, to: { account: 'DE1' }, actions: ['initiate', 'status'] }

test.each<readonly [string, unknown, boolean]>([
  ['exactly it', [transfer], true],
  ['it among others, in another order', [{ type: 'other' }, { ...transfer, actions: ['status', 'initiate'] }], true],
  ['it with what the server knows besides', [{ ...transfer, to: { account: 'DE1', name: 'Ada' } }], true],
  ['another amount', [{ ...transfer, amount: 1 }], false],
  ['the amount as text', [{ ...transfer, amount: '100' }], false],
  ['one action less', [{ ...transfer, actions: ['status'] }], false],
  ['another account', [{ ...transfer, to: { account: 'DE2' } }], false],
  ['a member less', [{ type: 'transfer' }], false],
  ['nothing', [], false],
  ['no answer', undefined, false],
  ['a text', JSON.stringify([transfer]), false],
])('who asked for a detail and was granted %s', (_name, granted, isCovered) => {
  expect(coversDetails(granted, [transfer])).toBe(isCovered)
})

test('a member that every object inherits is not granted by that', () => {
  expect(coversDetails([{}], [{ constructor: 'x' }])).toBe(false)
})

test('who asked for no detail is granted all of them, whatever the answer says', () => {
  expect(coversDetails(undefined, [])).toBe(true)
})
