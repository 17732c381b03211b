import { expect, test } from 'vitest'
import { exitCodeOf, type TurnEnd } from './exit-code.ts'

const ended = { state: 'done', stop: undefined, questions: [], neededSomebody: false } as const

test.each<readonly [string, Partial<TurnEnd>, number]>([
  ['an answer', {}, 0],
  ['an answer after a question that was answered', { questions: ['answered'] }, 0],
  ['a run that failed', { state: 'failed' }, 1],
  ['an authorization that could not be had', { questions: ['failed'] }, 1],
  ['a no', { questions: ['declined'] }, 3],
  ['a question that was dismissed', { questions: ['cancelled'] }, 3],
  ['a question that nobody answered', { questions: ['expired'] }, 4],
  ['a message that took too long', { state: 'cancelled', stop: 'expired' }, 4],
  ['somebody who was needed and is not here', { questions: ['cancelled'], neededSomebody: true }, 5],
  ['Ctrl-C', { state: 'cancelled', stop: 'interrupted' }, 130],
  ['a run that was stopped from elsewhere', { state: 'cancelled' }, 130],
  ['SIGTERM', { state: 'cancelled', stop: 'terminated' }, 143],
])('%s has its own end', (_what, end, code) => {
  expect(exitCodeOf({ ...ended, ...end })).toBe(code)
})

// Each is true with all that come after it, and comes first.
const causes: readonly (readonly [string, number, Partial<TurnEnd>])[] = [
  ['who stopped it', 143, { stop: 'terminated' }],
  ['that it was stopped', 130, { state: 'cancelled' }],
  ['that it failed', 1, { state: 'failed' }],
  ['that nobody is here', 5, { neededSomebody: true }],
  ['a no', 3, { questions: ['failed', 'expired', 'declined', 'answered'] }],
  ['that time ran out', 4, { questions: ['failed', 'expired', 'answered'] }],
  ['a question that failed', 1, { questions: ['failed', 'answered'] }],
]
test.each(causes.map(([what, code], at) => ({ what, code, at })))('of several causes $what goes before the later ones', ({ code, at }) => {
  const all = causes.slice(at).toReversed()
  expect(exitCodeOf(all.reduce<TurnEnd>((end, [, , cause]) => ({ ...end, ...cause }), ended))).toBe(code)
})

test('a run that went through in spite of a Ctrl-C is one that was stopped', () => {
  expect(exitCodeOf({ ...ended, stop: 'interrupted' })).toBe(130)
})
