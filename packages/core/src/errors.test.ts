import { expect, test, vi } from 'vitest'
import { CountersignError, isCountersignError } from './errors.ts'

test('an error of another copy of this package is one of ours', async () => {
  vi.resetModules()
  const another = await import('./errors.ts')
  const error: unknown = new another.CountersignError('suspended', 'waits for a person')
  expect(another.CountersignError).not.toBe(CountersignError)
  expect(error).toBeInstanceOf(CountersignError)
  expect(isCountersignError(error, 'suspended')).toBe(true)
  expect(isCountersignError(error, 'cancelled')).toBe(false)
})

test.each([new Error('conflict'), { code: 'conflict' }, 'conflict', null, undefined])('%o is none of ours', (value) => {
  expect(isCountersignError(value)).toBe(false)
})
