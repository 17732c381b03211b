import type { InteractionView, Question } from '@countersign/core'
import { expect, test } from 'vitest'
import { QuestionLine } from './question-line.ts'

test('an answer without a name is for the question that is shown', () => {
  const line = lineOf(view('a'), view('b'))
  expect(line.answered(0)).toMatchObject({ id: 'a' })
  line.expect('a')
  line.close('a', 0)
  expect(line.answered(0)).toMatchObject({ id: 'b' })
})

test('nothing is answered while nothing is shown', () => {
  const line = lineOf(view('a', { kind: 'oauth_consent', text: '', consent }))
  expect(line.answered(0)).toBe('nothing')
  expect(line.shown.map(({ id }) => id)).toEqual(['a'])
})

test('just after a question ended elsewhere, an answer may be meant for it, so it is not taken for the next', () => {
  const line = lineOf(view('a'), view('b'))
  line.close('a', 5_000)
  expect(line.answered(5_999)).toBe('mistakable')
  expect(line.answered(6_000)).toMatchObject({ id: 'b' })
})

test('what changed while it waited is shown as it is now', () => {
  const line = lineOf(view('a'), view('b'))
  line.update({ ...view('b'), problem: 'Try again.' })
  expect(line.close('a', 0).next).toMatchObject([{ id: 'b', problem: 'Try again.' }])
})

test('a question that it is told of twice is asked once, and stays shown', () => {
  const line = lineOf(view('a'), view('a'))
  expect(line.shown.map(({ id }) => id)).toEqual(['a'])
  expect(line.close('a', 0)).toEqual({ wasOnScreen: true, next: [] })
  expect(line.shown).toEqual([])
})

test('a question that it does not know ends without a trace', () => {
  const line = lineOf(view('a'))
  expect(line.close('x', 0)).toEqual({ wasOnScreen: false, next: [] })
  expect(line.shown.map(({ id }) => id)).toEqual(['a'])
})

const consent = { provider: 'p', host: 'idp.example', startUrl: 'http://localhost/auth/start/a', scopes: [], tool: 't' }

function lineOf(...views: readonly InteractionView[]): QuestionLine {
  const line = new QuestionLine()
  for (const asked of views) line.open(asked)
  return line
}

function view(id: string, question: Question = { kind: 'text', text: 'Name?' }): InteractionView {
  return { id, runId: 'r', callId: 'c', question, state: 'pending', createdAt: 0, expiresAt: 60_000 }
}
