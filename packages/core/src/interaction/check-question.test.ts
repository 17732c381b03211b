import { expect, expectTypeOf, test } from 'vitest'
import type { ToolContext } from '../tool/tool.ts'
import { checkQuestion } from './check-question.ts'
import { laidOpen } from './shown-text.ts'

const red = { label: 'Red', value: 'red' }
const blue = { label: 'Blue', value: 'blue' }
const radio = { kind: 'radio', text: 'Which colour?', options: [red, blue] }

test('what a tool leaves out is filled in', () => {
  expect(checkQuestion({ ...radio, options: [red, { ...blue, id: 'b', description: 'as the sea' }] })).toEqual({
    kind: 'radio',
    text: 'Which colour?',
    options: [
      { id: 'red', label: 'Red', value: 'red' },
      { id: 'b', label: 'Blue', value: 'blue', description: 'as the sea' },
    ],
  })
})

test.each([
  { kind: 'text', text: 'Name?', placeholder: 'Ada', required: false, timeoutSeconds: 60, expiredText: 'Too late.' },
  { kind: 'notification', text: 'It has begun.' },
  { kind: 'text', text: 'Line one\nline two' },
])('a right question stays as it is: $kind', (asking) => {
  expect(checkQuestion(asking)).toEqual(asking)
})

test.each<readonly [string, unknown, string]>([
  ['nothing', undefined, 'the question: '],
  ['no kind', { text: 'Name?' }, 'the question.kind: '],
  ['an unknown kind', { ...radio, kind: 'slider' }, 'the question.kind: '],
  ['a sign-in', { kind: 'oauth_consent', text: 'Sign in.', consent: {} }, 'the question.kind: '],
  ['no text', { kind: 'text' }, 'the question.text: '],
  ['a text of spaces', { kind: 'text', text: ' \n' }, 'the question.text: is empty'],
  ['a text that nobody reads', { kind: 'text', text: 'x'.repeat(4_001) }, 'the question.text: is longer than 4000 characters'],
  ['an unknown member', { kind: 'text', text: 'Name?', colour: 'red' }, 'the question: '],
  ['an approval of its own making', { kind: 'binary_choice', text: 'Go?', options: [red, blue], approval: {} }, 'the question: '],
  ['no options', { ...radio, options: [] }, 'the question.options: has nothing to choose from'],
  ['too many options', { ...radio, options: manyOptions(201) }, 'the question.options: has more than 200 entries'],
  ['a choice of two with one', { ...radio, kind: 'binary_choice', options: [red] }, 'the question.options: has not two entries'],
  ['a choice of two with three', { ...radio, kind: 'binary_choice', options: manyOptions(3) }, 'the question.options: has not two entries'],
  ['a value twice', { ...radio, options: [red, { ...blue, value: 'red' }] }, 'the question.options.1: shares'],
  ['a label twice', { ...radio, options: [red, { ...blue, label: 'Red' }] }, 'the question.options.1: shares'],
  ["a label that is another option's value", { ...radio, options: [red, { ...blue, label: 'red' }] }, 'the question.options.1: shares'],
  ['an empty label', { ...radio, options: [{ ...red, label: '' }] }, 'the question.options.0.label: is empty'],
  ['a value with a control character', { ...radio, options: [{ ...red, value: 'r\u0000' }] }, 'the question.options.0.value: '],
  ['no time at all', { kind: 'text', text: 'Name?', timeoutSeconds: 0 }, 'the question.timeoutSeconds: '],
  ['part of a second', { kind: 'text', text: 'Name?', timeoutSeconds: 1.5 }, 'the question.timeoutSeconds: '],
  ['more than a month', { kind: 'text', text: 'Name?', timeoutSeconds: 31 * 86_400 }, 'the question.timeoutSeconds: '],
])('%s is refused, and the words say where', (_what, asking, sentence) => {
  expect(() => checkQuestion(asking)).toThrow(
    expect.objectContaining({ code: 'invalid_question', message: expect.stringContaining(sentence) }),
  )
})

test('what is wrong is said without what it says: that may be anything', () => {
  const secret = 'token-of-ada'
  const asking = {
    ...radio,
    options: [
      { label: secret, value: secret },
      { label: secret, value: 'b' },
    ],
  }
  expect(() => checkQuestion(asking)).toThrow(expect.objectContaining({ message: expect.not.stringContaining(secret) }))
})

test('what cannot be seen is taken out of texts', () => {
  const asking = { kind: 'radio', text: 'Pay\u0007 \u202e001\u202c EUR?\r\nNow?\ud800', options: [{ label: 'Y\u2066es', value: 'yes' }] }
  expect(checkQuestion(asking)).toMatchObject({ text: 'Pay 001 EUR?\nNow?\ufffd', options: [{ label: 'Yes', value: 'yes' }] })
})

test('in what is approved, what cannot be seen is written out: it is part of what runs', () => {
  expect(laidOpen({ 'to\u0000': ['\u202ebob', 5, { deep: 'a\nb\u001b[2J' }] })).toEqual({
    'to\\u0000': ['\\u202ebob', 5, { deep: 'a\nb\\u001b[2J' }],
  })
})

test('the type of an answer follows from the kind that is asked', () => {
  const asked = (ask: ToolContext['ask']) =>
    [
      ask({ kind: 'text', text: 'Name?' }),
      ask({ kind: 'radio', text: 'Which?', options: [red] }),
      ask({ kind: 'checkbox', text: 'Which?', options: [red, blue] }),
      ask({ kind: 'notification', text: 'Begun.' }),
    ] as const
  expectTypeOf(asked).returns.toEqualTypeOf<readonly [Promise<string>, Promise<string>, Promise<readonly string[]>, Promise<null>]>()
  // @ts-expect-error two options, no more
  const wrong = (ask: ToolContext['ask']) => ask({ kind: 'binary_choice', text: 'Go?', options: [red] })
  expect([asked, wrong]).toHaveLength(2)
})

function manyOptions(count: number): readonly object[] {
  return Array.from({ length: count }, (_, at) => ({ label: `Number ${at}`, value: `n${at}` }))
}
