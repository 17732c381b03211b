import { expect, test } from 'vitest'
import { type Bookmark, Bookmarks } from './bookmarks.ts'
import { NatEncoder } from './nat-encoder.ts'

const encoder = new NatEncoder('c', 0, { newId: () => 'id', now: () => 0, isNatUi: false, replaced: [] })

function place(seq: number): Bookmark {
  return { encoder, seq }
}

test('a place is handed out once, to whoever left it and nobody else', () => {
  const bookmarks = new Bookmarks(() => 0)
  bookmarks.keep('ada', 'c', place(3))
  bookmarks.keep('ada', 'c', place(7))
  expect(bookmarks.take('mallory', 'c')).toBeUndefined()
  expect(bookmarks.take('ada', 'other')).toBeUndefined()
  expect(bookmarks.take('ada', 'c')).toMatchObject({ seq: 7 })
  expect(bookmarks.take('ada', 'c')).toBeUndefined()
})

test('a place is kept for ten minutes', () => {
  let now = 0
  const bookmarks = new Bookmarks(() => now)
  bookmarks.keep('ada', 'c', place(1))
  now = 10 * 60_000
  expect(bookmarks.take('ada', 'c')).toBeUndefined()
})

test('of too many the oldest go', () => {
  const bookmarks = new Bookmarks(() => 0)
  for (let at = 0; at <= 1_000; at += 1) bookmarks.keep('ada', `c${at}`, place(at))
  expect(bookmarks.take('ada', 'c0')).toBeUndefined()
  expect(bookmarks.take('ada', 'c1')).toMatchObject({ seq: 1 })
})
