import { expect, test } from 'vitest'
import { auditView } from './audit-view.ts'

test('the audit keeps of arguments what tells one call from another: no secret, no long text, nothing deep, nothing without end', () => {
  const view = auditView({
    amount: 100,
    to: 'DE89 3704',
    api_key: 'hunter2',
    note: 'a'.repeat(40),
    list: Array.from({ length: 20 }, (_, index) => index),
    nested: { two: { password: 'hunter2', three: { four: 'deep' } } },
  })
  expect(view).toEqual({
    amount: 100,
    to: 'DE89 3704',
    api_key: '[secret]',
    note: `${'a'.repeat(32)}…`,
    list: [...Array.from({ length: 16 }, (_, index) => index), '…'],
    nested: { two: { password: '[secret]', three: '…' } },
  })
  const many = auditView(Object.fromEntries(Array.from({ length: 18 }, (_, index) => [`m${index}`, index])))
  expect(Object.keys(many ?? {})).toHaveLength(17)
  expect(many).toMatchObject({ '…': 2 })
})
