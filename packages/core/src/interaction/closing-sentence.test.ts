import { expect, test } from 'vitest'
import type { InteractionState, Option, Question } from '../protocol/interaction.ts'
import type { JsonValue } from '../protocol/json.ts'
import { closingSentence } from './closing-sentence.ts'

const go: Option = { id: 'g', label: 'Go on', value: 'go' }
const stay: Option = { id: 's', label: 'Stop here', value: 'stop' }
const text: Question = { kind: 'text', text: 'Which city?' }
const approval: Question = {
  kind: 'binary_choice',
  text: 'Transfer?',
  options: [go, stay],
  approval: { tool: 'transfer_money', arguments: {} },
}
const signIn: Question = {
  kind: 'oauth_consent',
  text: 'Sign in',
  consent: { provider: 'demo', host: 'login.example', startUrl: 'https://chat.example/auth/start/1', scopes: [], tool: 'whoami' },
}

test.each<readonly [Question, JsonValue, string]>([
  [text, 'Lisbon', 'Answered: “Lisbon”.'],
  [text, '  two\n\tlines ', 'Answered: “two lines”.'],
  [text, '', 'Answered with nothing.'],
  [{ kind: 'binary_choice', text: 'On?', options: [go, stay] }, 'stop', 'Answered: Stop here.'],
  [{ kind: 'radio', text: 'Which?', options: [go, stay] }, 'go', 'Answered: Go on.'],
  [{ kind: 'dropdown', text: 'Which?', options: [go, stay] }, 'go', 'Answered: Go on.'],
  [{ kind: 'checkbox', text: 'Which?', options: [go, stay] }, ['stop', 'go'], 'Answered: Go on, Stop here.'],
  [{ kind: 'checkbox', text: 'Which?', options: [go, stay] }, [], 'Answered with nothing chosen.'],
  [{ kind: 'notification', text: 'Kept.' }, null, 'Noted.'],
  [approval, 'go', 'Approved: transfer_money.'],
  [approval, 'stop', 'Denied: transfer_money.'],
  [signIn, null, 'Signed in at login.example.'],
])('the record of %o answered with %o reads "%s"', (question, answer, sentence) => {
  expect(closingSentence(question, { state: 'answered', response: { action: 'accept', answer } })).toBe(sentence)
})

test.each<readonly [Question, Exclude<InteractionState, 'pending' | 'answered'>, string]>([
  [text, 'declined', 'Declined.'],
  [text, 'cancelled', 'The question was cancelled.'],
  [text, 'expired', 'The question expired before it was answered.'],
  [{ ...text, expiredText: 'Too late for lunch.' }, 'expired', 'Too late for lunch.'],
  [text, 'failed', 'The question failed.'],
  [approval, 'declined', 'Denied: transfer_money.'],
  [approval, 'cancelled', 'The approval of transfer_money was cancelled.'],
  [approval, 'expired', 'The approval of transfer_money expired before it was answered.'],
  [signIn, 'declined', 'You declined to sign in at login.example.'],
  [signIn, 'cancelled', 'The sign-in was cancelled.'],
  [signIn, 'expired', 'The sign-in expired before it was finished.'],
])('the record of %o that was %s reads "%s"', (question, state, sentence) => {
  expect(closingSentence(question, { state })).toBe(sentence)
})

test.each([
  ['wrong account', 'Denied: transfer_money. Reason: “wrong account”.'],
  [' ', 'Denied: transfer_money.'],
])('a no with the reason "%s" reads "%s"', (reason, sentence) => {
  expect(closingSentence(approval, { state: 'declined', response: { action: 'decline', reason } })).toBe(sentence)
})

test.each(['x', '😀', '👩‍🚀'])('a long answer of "%s" is quoted in part, and never cut within a character', (character) => {
  const sentence = closingSentence(text, { state: 'answered', response: { action: 'accept', answer: character.repeat(500) } })
  expect(sentence).toBe(`Answered: “${character.repeat(119)}…”.`)
})
