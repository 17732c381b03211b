import { expect, test } from 'vitest'
import { userEvent } from 'vitest/browser'
import { appeared } from '../../dev/touch.ts'
import { asked, finished, replying, started } from '../testing/canned-events.ts'
import { deepAll } from '../testing/deep-query.ts'
import { mountChat, type MountedChat } from '../testing/mount-chat.ts'
import { activeElement } from './is-typing.ts'

const text = { kind: 'text', text: 'Which city?' } as const

test('F6 goes from the message to the open question, to the conversation, and back', async () => {
  const chat = await mountChat([started('hi'), asked(text)])
  focusField(chat)
  const seen: (string | null | undefined)[] = []
  for (let press = 0; press < 3; press += 1) {
    await userEvent.keyboard('{F6}')
    seen.push(activeElement()?.getAttribute('aria-label') ?? activeElement()?.textContent.trim())
  }
  expect(seen).toEqual(['Which city?', 'Conversation', 'Message'])
})

test('the jump goes to the next open question, and after the last to the first', async () => {
  const chat = await mountChat([started('hi'), asked({ ...text, text: 'one' }), asked({ ...text, text: 'two' }, { id: 'question-2' })])
  const seen: string[] = []
  for (let press = 0; press < 3; press += 1) {
    await chat.click('2 open questions')
    seen.push(activeElement()?.textContent.trim() ?? '')
  }
  expect(seen).toEqual(['one', 'two', 'one'])
})

test('Escape in the message stops what runs, once; elsewhere it does not', async () => {
  const chat = await mountChat([started('hi'), ...replying('Once upon a time'), asked(text)])
  deepAll(chat.element, 'h3')[0]?.focus()
  await userEvent.keyboard('{Escape}')
  expect(chat.browser.socket.sent).toEqual([])
  focusField(chat)
  await userEvent.keyboard('{Escape}')
  await chat.settle()
  await userEvent.keyboard('{Escape}')
  expect(chat.browser.socket.sent).toMatchObject([{ type: 'cancel_message' }])
})

test('the arrow up in an empty message brings back what was said last; in a written one it does not', async () => {
  const chat = await mountChat([started('Who am I?'), finished()])
  const field = focusField(chat)
  await userEvent.keyboard('{ArrowUp}')
  expect(field?.value).toBe('Who am I?')
  if (field) field.value = 'mine'
  await userEvent.keyboard('{ArrowUp}')
  expect(field?.value).toBe('mine')
})

test('"?" shows what the keyboard can do, but is a letter in a message', async () => {
  const chat = await mountChat([started('hi'), finished()])
  const field = focusField(chat)
  await userEvent.keyboard('?')
  expect(field?.value).toBe('?')
  expect(deepAll(chat.element, 'dialog[open]')).toEqual([])
  deepAll(chat.element, '[role=log]')[0]?.focus()
  await userEvent.keyboard('?')
  await appeared(chat.element, 'dialog[open]')
  expect(chat.words('countersign-shortcuts')).toContain('F6')
  await userEvent.keyboard('{Escape}')
  expect(activeElement()?.getAttribute('aria-label')).toBe('Conversation')
})

test('who writes while something runs is told what sending does to it', async () => {
  const chat = await mountChat([started('hi'), asked(text)])
  const warning = deepAll(chat.element, '#warning')[0]
  expect(warning?.hidden).toBe(true)
  focusField(chat)
  await userEvent.keyboard('Never mind')
  await chat.settle()
  expect(warning?.hidden).toBe(false)
})

function focusField(chat: MountedChat): HTMLTextAreaElement | undefined {
  const field = deepAll(chat.element, 'textarea').find((area) => area.getAttribute('aria-label') === 'Message')
  field?.focus()
  return field
}
