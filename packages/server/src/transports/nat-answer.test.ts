import type { Question } from '@countersign/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { natAnswer } from './nat-answer.ts'

const options = [
  { id: 'o1', label: 'Olives, black', value: 'olives' },
  { id: 'o2', label: 'Ham', value: 'ham' },
  { id: 'o3', label: '["Extra"]', value: 'extra' },
] as const
const toppings: Question = { kind: 'checkbox', text: 'Toppings?', options }
const size: Question = { kind: 'radio', text: 'Size?', options }

test.each<readonly [string, readonly string[], readonly string[]]>([
  ['several parts', ['olives', 'ham'], ['olives', 'ham']],
  ['a JSON array', ['["olives","ham"]'], ['olives', 'ham']],
  ['an empty JSON array', ['[]'], []],
  ['values with commas between', ['olives, ham'], ['olives', 'ham']],
  ['labels, of which one has a comma itself', ['Ham, Olives, black'], ['ham', 'olives']],
  ['ids', ['o1,o2'], ['olives', 'ham']],
  ['words as a person may write them', [' HAM ,olives,  black,'], ['ham', 'olives']],
  ['one value', ['ham'], ['ham']],
  ['nothing', [''], []],
  ['something that was not offered', ['ham, gold'], ['ham', 'gold']],
])('a checkbox is answered by %s', (_how, parts, expected) => {
  expect(natAnswer(toppings, parts)).toEqual(expected)
})

test.each([
  ['ham', 'ham'],
  ['o2', 'ham'],
  ['Ham', 'ham'],
  [' hAM', 'ham'],
  ['["Extra"]', 'extra'],
  ['gold', 'gold'],
  ['["ham"]', '["ham"]'],
])('a choice of one is answered by "%s"', (text, expected) => {
  expect(natAnswer(size, [text])).toBe(expected)
})

test('what differs only in case and stands for two options is not guessed', () => {
  const doubtful: Question = {
    ...size,
    options: [
      { id: 'a', label: 'A', value: 'yes' },
      { id: 'b', label: 'B', value: 'YES' },
    ],
  }
  expect(natAnswer(doubtful, ['Yes'])).toBe('Yes')
  expect(natAnswer(doubtful, ['YES'])).toBe('YES')
})

test('a text is all of its parts, as they are', () => {
  expect(natAnswer({ kind: 'text', text: 'Why?' }, ['["so"]', 'and so'])).toBe('["so"]\nand so')
})

test('an answer without text is none', () => {
  expect(natAnswer({ kind: 'text', text: 'Why?' }, [])).toBeNull()
})

test('a list without end is not looked through, and comes out as it is, to be refused', () => {
  const endless = 'ham,'.repeat(25_000)
  expect(natAnswer(toppings, [endless])).toBe(endless)
})

test('any choice of what is offered comes back, however it is written', () => {
  const chosen = fc.subarray(
    options.map(({ value }) => value),
    { minLength: 1 },
  )
  const written = fc.constantFrom<(values: readonly string[]) => readonly string[]>(
    (values) => values,
    (values) => [JSON.stringify(values)],
    (values) => [values.join(', ')],
    (values) => [values.join(',').toUpperCase()],
  )
  const comesBack = fc.property(chosen, written, (values, write) => {
    expect(natAnswer(toppings, write(values))).toEqual(values)
  })
  fc.assert(comesBack)
})
