import { expect, test } from 'vitest'
import { orderedIds } from './ordered-id.ts'

const randomBytes = (length: number) => crypto.getRandomValues(new Uint8Array(length))

test('a later id is a greater text, also when the clock gains a digit', () => {
  let now = 36 ** 8 - 2
  const id = orderedIds(() => (now += 1), randomBytes)
  const ids = Array.from({ length: 100 }, id)
  expect(ids.toSorted()).toEqual(ids)
})

test('ids of one moment differ in 128 bits that are given out once', () => {
  const id = orderedIds(() => 0, randomBytes)
  const ids = Array.from({ length: 2_000 }, id)
  expect(new Set(ids).size).toBe(ids.length)
  for (const text of ids) expect(text).toMatch(/^0{9}[\w-]{22}$/)
})
