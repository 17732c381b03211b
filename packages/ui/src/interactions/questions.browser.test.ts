import type { Option, Question } from '@countersign/core/protocol'
import { expect, test } from 'vitest'
import { asked, called, closed, started } from '../testing/canned-events.ts'
import { deepAll } from '../testing/deep-query.ts'
import { mountChat, type MountedChat } from '../testing/mount-chat.ts'

const yes: Option = { id: 'y', label: 'Transfer 50 EUR', value: 'yes' }
const no: Option = { id: 'n', label: 'Do not', value: 'no' }

test('a text is sent as it was written', async () => {
  const chat = await questioned({ kind: 'text', text: 'Which city?' })
  fill(chat, 'Lisbon')
  await chat.click('Send answer')
  expect(answerOf(chat)).toMatchObject({ action: 'accept', answer: 'Lisbon', content: { messages: [{ content: [{ text: 'Lisbon' }] }] } })
})

test('a notification that is over by being shown is a line, and waits for nobody', async () => {
  const chat = await mountChat([started('hi'), asked({ kind: 'notification', text: 'Kept for 30 days.' }, { state: 'answered' })])
  expect(chat.words('countersign-question-card')).toMatch(/^Kept for 30 days\. \d/)
  expect(chat.browser.count).toBe(0)
})

test('a notification that is still open is taken note of', async () => {
  const chat = await (await questioned({ kind: 'notification', text: 'Kept for 30 days.' })).click('OK')
  expect(answerOf(chat)).toMatchObject({ action: 'accept' })
})

test.each(['radio', 'dropdown'] as const)('a %s answers with the value of the chosen option', async (kind) => {
  const chat = await questioned({ kind, text: 'Which?', options: [yes, no] })
  await chat.click('Choose')
  expect(chat.browser.socket.sent).toEqual([])
  choose(chat, 'no')
  await chat.click('Choose')
  expect(answerOf(chat)).toMatchObject({ action: 'accept', answer: 'no' })
})

test('checkboxes answer with all chosen values', async () => {
  const chat = await questioned({ kind: 'checkbox', text: 'Which?', options: [yes, no] })
  choose(chat, 'yes')
  choose(chat, 'no')
  await chat.click('Send choice')
  expect(answerOf(chat)).toMatchObject({ answer: ['yes', 'no'], content: { messages: [{ content: [{ text: 'yes, no' }] }] } })
})

test('an approval names the action, its arguments and its risk', async () => {
  const chat = await questioned(approval('medium'))
  const words = chat.words('countersign-binary-choice-question')
  for (const part of ['transfer_money', 'amount', '50', 'medium', 'Transfer 50 EUR', 'Do not']) expect(words).toContain(part)
})

test('a click in the first 300 ms is not an approval', async () => {
  const chat = await questioned(approval('low'))
  await chat.wait(299)
  await chat.click('Transfer 50 EUR')
  expect(chat.browser.socket.sent).toEqual([])
  await chat.wait(1)
  await chat.click('Transfer 50 EUR')
  expect(answerOf(chat)).toMatchObject({ action: 'accept', answer: 'yes' })
})

test('a high risk must be confirmed, and again not by a double click', async () => {
  const chat = await (await questioned(approval('high'))).wait(300)
  await chat.click('Transfer 50 EUR')
  await chat.click('Confirm: Transfer 50 EUR')
  expect(chat.browser.socket.sent).toEqual([])
  await chat.wait(300)
  await chat.click('Confirm: Transfer 50 EUR')
  expect(answerOf(chat)).toMatchObject({ answer: 'yes' })
})

test('one response is sent, however often the button is pressed', async () => {
  const chat = await (await questioned(approval('low'))).wait(300)
  await chat.click('Transfer 50 EUR')
  await chat.click('Do not')
  expect(chat.browser.socket.sent).toHaveLength(1)
})

test('an unknown kind shows its data and can be answered or left', async () => {
  const question = { kind: 'signature', text: 'Sign', pad: 7 } as unknown as Question
  const chat = await questioned(question)
  expect(chat.words('countersign-unknown-question')).toContain('"pad": 7')
  await chat.click('Cancel')
  expect(answerOf(chat)).toMatchObject({ action: 'cancel' })
})

test('a new card takes the focus to its heading, but not from someone who writes', async () => {
  const chat = await mountChat([started('hi')])
  await chat.happen(asked({ kind: 'notification', text: 'one' }))
  expect(focused()?.id).toBe('heading')
  const field = deepAll(chat.element, 'textarea')[0]
  field?.focus()
  fill(chat, 'I am writ')
  await chat.happen(called('t'), asked({ kind: 'notification', text: 'two' }, { id: 'question-2' }))
  expect(focused()).toBe(field)
  expect(chat.browser.count).toBe(2)
})

test('who was in a card that closes is left at its line', async () => {
  const chat = await questioned({ kind: 'notification', text: 'one' })
  deepAll(chat.element, 'button')
    .find(({ textContent }) => textContent.trim() === 'OK')
    ?.focus()
  await chat.click('OK')
  await chat.happen(closed('answered', 'You took note.'))
  expect(focused()?.textContent).toContain('You took note.')
})

function approval(risk: 'low' | 'medium' | 'high'): Question {
  const details = { tool: 'transfer_money', arguments: { amount: 50, to: 'DE02' }, risk }
  return { kind: 'binary_choice', text: 'Transfer?', options: [yes, no], approval: details }
}

async function questioned(question: Question): Promise<MountedChat> {
  return mountChat([started('Please help.'), asked(question)])
}

function fill(chat: MountedChat, text: string): void {
  const field = deepAll(chat.element, 'textarea')[0]
  if (field === undefined) throw new Error('no text field')
  field.value = text
  field.dispatchEvent(new InputEvent('input', { bubbles: true }))
}

function choose(chat: MountedChat, value: string): void {
  for (const select of deepAll(chat.element, 'select')) select.value = value
  for (const input of deepAll(chat.element, 'input')) if (input.value === value) input.click()
}

function answerOf(chat: MountedChat): object | undefined {
  return chat.browser.socket.sent[0]
}

function focused(): Element | null {
  let active = document.activeElement
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement
  return active
}
