import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Question } from '../protocol/interaction.ts'
import type { JsonValue } from '../protocol/json.ts'
import { MAX_ANSWER_LENGTH, checkAnswer } from './check-answer.ts'

const options = [
  { id: 'r', label: 'Red', value: 'red' },
  { id: 'b', label: 'Blue', value: 'blue' },
] as const
const text: Question = { kind: 'text', text: 'Name?' }
const consent = { provider: 'p', host: 'idp.example', startUrl: 'https://chat.example/auth/start/i', scopes: [], tool: 't' }
const questions = {
  text,
  optional: { ...text, required: false },
  binary: { kind: 'binary_choice', text: 'Go?', options },
  radio: { kind: 'radio', text: 'Which?', options },
  dropdown: { kind: 'dropdown', text: 'Which?', options },
  checkbox: { kind: 'checkbox', text: 'Which?', options },
  notification: { kind: 'notification', text: 'Begun.' },
  consent: { kind: 'oauth_consent', text: 'Sign in.', consent },
} as const satisfies Record<string, Question>

test.each<readonly [keyof typeof questions, JsonValue, JsonValue]>([
  ['text', 'Ada', 'Ada'],
  ['text', 'x'.repeat(MAX_ANSWER_LENGTH), 'x'.repeat(MAX_ANSWER_LENGTH)],
  ['optional', '', ''],
  ['binary', 'red', 'red'],
  ['radio', 'blue', 'blue'],
  ['radio', 'b', 'blue'],
  ['radio', 'Blue', 'blue'],
  ['dropdown', 'red', 'red'],
  ['checkbox', ['blue', 'red'], ['blue', 'red']],
  ['checkbox', ['red', 'r', 'Red'], ['red']],
  ['checkbox', 'red', ['red']],
  ['checkbox', [], []],
])('a question of the kind %s takes %j', (kind, answer, taken) => {
  expect(checkAnswer(questions[kind], { action: 'accept', answer })).toEqual({ ok: true, response: { action: 'accept', answer: taken } })
})

test('the no of an approval is a decline, whichever way it is said', () => {
  const approval: Question = { ...questions.binary, approval: { tool: 'pay', arguments: {} } }
  expect(checkAnswer(approval, { action: 'accept', answer: 'blue' })).toEqual({ ok: true, response: { action: 'decline' } })
  expect(checkAnswer(approval, { action: 'accept', answer: 'Red' })).toEqual({ ok: true, response: { action: 'accept', answer: 'red' } })
})

test.each<readonly [keyof typeof questions, JsonValue, string]>([
  ['text', '', 'an answer is required'],
  ['text', ' \n', 'an answer is required'],
  ['text', 'x'.repeat(MAX_ANSWER_LENGTH + 1), 'longer than'],
  ['text', null, 'must be text'],
  ['text', ['Ada'], 'must be text'],
  ['text', { name: 'Ada' }, 'must be text'],
  ['binary', 'yes', 'not one of the options'],
  ['binary', ['red'], 'not one of the options'],
  ['radio', 'RED', 'not one of the options'],
  ['radio', '', 'not one of the options'],
  ['radio', null, 'not one of the options'],
  ['dropdown', 'red, blue', 'not one of the options'],
  ['checkbox', ['red', 'gold'], 'not offered'],
  ['checkbox', [['red']], 'not offered'],
  ['checkbox', null, 'not offered'],
  ['checkbox', 'red, blue', 'not offered'],
  ['notification', null, 'takes no answer'],
  ['consent', 'granted', 'not by a message'],
])('a question of the kind %s does not take %j', (kind, answer, problem) => {
  expect(checkAnswer(questions[kind], { action: 'accept', answer })).toEqual({ ok: false, problem: expect.stringContaining(problem) })
})

test.each(Object.keys(questions) as (keyof typeof questions)[])('a question of the kind %s can be declined and cancelled', (kind) => {
  for (const response of [{ action: 'decline', reason: 'no' }, { action: 'cancel' }] as const)
    expect(checkAnswer(questions[kind], response)).toEqual({ ok: true, response })
})

test('whatever is answered, a tool gets nothing that was not offered', () => {
  const kinds = fc.constantFrom('binary', 'radio', 'dropdown', 'checkbox')
  const answers = fc.oneof(fc.jsonValue(), fc.constantFrom('red', 'b', 'Blue', 'constructor', '__proto__'))
  const onlyOffered = fc.property(kinds, answers, (kind, answer) => {
    // Made by `fc.jsonValue`, it is JSON.
    const checked = checkAnswer(questions[kind], { action: 'accept', answer: answer as JsonValue })
    if (!checked.ok || checked.response.action !== 'accept') return
    expect([checked.response.answer].flat().filter((value) => value !== 'red' && value !== 'blue')).toEqual([])
  })
  fc.assert(onlyOffered, { numRuns: 1_000 })
})
