import { expect, test } from 'vitest'
import { inReadingOrder, scopeWords } from './scope-words.ts'

test('scopes are told with who you are first and unknown ones last', () => {
  expect(inReadingOrder(['calendar.read', 'email', 'openid', 'profile'])).toEqual(['openid', 'profile', 'email', 'calendar.read'])
})

test('a scope that only its provider can explain has no words of ours', () => {
  expect(scopeWords('calendar.read')).toBeNull()
  expect(scopeWords('constructor')).toBeNull()
})
