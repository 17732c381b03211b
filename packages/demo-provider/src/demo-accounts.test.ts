import { expect, test } from 'vitest'
import { accountOf, DemoAccounts } from './demo-accounts.ts'

const subOf = (name: string) => accountOf(name)?.sub

test('a plain name becomes its slug, whatever its case and spacing', () => {
  expect(accountOf('  Ada Lovelace ')).toEqual({
    sub: 'ada-lovelace',
    name: 'Ada Lovelace',
    preferred_username: 'ada-lovelace',
    email: 'ada-lovelace@example.test',
  })
  expect(subOf('ADA   lovelace')).toBe('ada-lovelace')
})

test('names that would share a slug are different people', () => {
  const subs = ['Ada', 'Ada!', 'Äda', 'ada-', '李', '李明', 'a'.repeat(60), 'a'.repeat(61), 'ada lovelace', 'ada-lovelace'].map(subOf)
  expect(new Set(subs).size).toBe(10)
  for (const sub of subs) expect(sub).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
})

test('a name is refused when it is empty, over 64 characters, or holds what cannot be printed', () => {
  for (const name of ['', '   ', 'a'.repeat(65), 'a\u0000b', 'a\nb', '\ud800', 'a\u202eb']) expect(accountOf(name)).toBeUndefined()
  expect(accountOf('😀'.repeat(64))).toBeDefined()
})

test('the account longest not seen goes first when there are too many', () => {
  const accounts = new DemoAccounts([], 2)
  for (const name of ['ada', 'bob', 'ada', 'cyd']) accounts.signIn(name)
  expect(['ada', 'bob', 'cyd'].map((sub) => accounts.find(sub)?.name)).toEqual(['ada', undefined, 'cyd'])
})
