import type { InteractionView, Question } from '@countersign/core'
import { expect, test } from 'vitest'
import { kindsToReplace, natPrompt } from './nat-prompt.ts'

const options = [
  { id: 'o1', label: 'Olives', value: 'olives', description: 'from Crete' },
  { id: 'o2', label: 'Ham', value: 'ham' },
] as const
const named = [
  { id: 'o1', label: 'Olives', value: 'olives', description: 'from Crete' },
  { id: 'o2', label: 'Ham', value: 'ham', description: 'default' },
]
const error = 'This prompt is no longer available.'
const consent = { provider: 'p', host: 'idp.example', startUrl: 'http://localhost:8000/auth/start/i1', scopes: ['openid'], tool: 't' }

test.each<readonly [Question, object]>([
  [
    { kind: 'text', text: 'Name?', placeholder: 'Ada', expiredText: 'Too late.' },
    { input_type: 'text', text: 'Name?', timeout: 60, error: 'Too late.', placeholder: 'Ada', required: true },
  ],
  [
    { kind: 'text', text: 'Notes?', required: false },
    { input_type: 'text', text: 'Notes?', timeout: 60, error, placeholder: null, required: false },
  ],
  [
    { kind: 'notification', text: 'Begun.' },
    { input_type: 'notification', text: 'Begun.', timeout: null, error },
  ],
  [
    { kind: 'binary_choice', text: 'Go?', options },
    {
      input_type: 'binary_choice',
      text: 'Go?',
      timeout: 60,
      error,
      options: options.map(({ id, label, value }) => ({ id, label, value })),
    },
  ],
  [
    { kind: 'radio', text: 'Which?', options },
    { input_type: 'radio', text: 'Which?', timeout: 60, error, options: named },
  ],
  [
    { kind: 'checkbox', text: 'Which?', options },
    { input_type: 'checkbox', text: 'Which?', timeout: 60, error, options: named },
  ],
  [
    { kind: 'dropdown', text: 'Which?', options },
    { input_type: 'dropdown', text: 'Which?', timeout: 60, error, options: named },
  ],
  [
    { kind: 'oauth_consent', text: 'Sign in.', consent },
    { input_type: 'oauth_consent', text: consent.startUrl, timeout: 60, error },
  ],
])("$kind is NAT's prompt of that kind, with NAT's own members and the time that is left", (question, prompt) => {
  expect(natPrompt(view(question), 0, [])).toEqual(prompt)
})

test('what is to be approved stands in the text, since NAT has no other place for it', () => {
  const approval = { tool: 'transfer', arguments: { amount: 5, to: 'Bob' }, risk: 'high' } as const
  const { text } = natPrompt(view({ kind: 'binary_choice', text: 'Allow it?', options, approval }), 0, [])
  expect(text).toBe('Allow it? transfer {"amount":5,"to":"Bob"} (high risk)')
})

test('a question whose time is up is not said to wait for ever', () => {
  expect(natPrompt(view({ kind: 'text', text: 'Name?' }), 90_000, [])).toMatchObject({ timeout: 1 })
})

test.each([
  [false, undefined, []],
  [true, undefined, ['checkbox', 'dropdown']],
  [true, 'checkbox', ['dropdown']],
  [true, 'checkbox,dropdown', []],
  [true, 'nonsense', ['checkbox', 'dropdown']],
] as const)("NAT's UI: %s, announced: %s, replaced: %s", (isNatUi, announced, replaced) => {
  expect(kindsToReplace(isNatUi, announced)).toEqual(replaced)
})

test('in place of a drop-down there is a list, in place of checkboxes a text that names all of them', () => {
  const replaced = kindsToReplace(true)
  expect(natPrompt(view({ kind: 'dropdown', text: 'Which?', options }), 0, replaced)).toMatchObject({ input_type: 'radio', options: named })
  const several = natPrompt(view({ kind: 'checkbox', text: 'Which toppings?', options }), 0, replaced)
  expect(several).toEqual({
    input_type: 'text',
    text: 'Which toppings? Answer with any of these, separated by commas: Olives (from Crete), Ham.',
    timeout: 60,
    error,
    placeholder: null,
    required: false,
  })
})

function view(question: Question): InteractionView {
  return { id: 'i1', runId: 'r', callId: 'c', question, state: 'pending', createdAt: 0, expiresAt: 60_000 }
}
