import type { InteractionState, Me, Question } from '@countersign/core/protocol'
import { expect, test } from 'vitest'
import { questions } from '../../dev/questions.ts'
import { asked, closed, signIn, started } from '../testing/canned-events.ts'
import { deepAll } from '../testing/deep-query.ts'
import { mountChat, type MountedChat } from '../testing/mount-chat.ts'
import { VirtualBrowser } from '../testing/virtual-browser.ts'

const CARD = 'countersign-question-card'
const states = ['answered', 'declined', 'cancelled', 'expired', 'failed'] as const
const cases = Object.keys(questions).flatMap((kind) => states.map((state) => [kind as keyof typeof questions, state] as const))

test.each(cases)('a %s that is %s is one line: what was decided, by whom and when; nothing is left to press', async (kind, state) => {
  const chat = await decided(questions[kind], state)
  expect(lineOf(chat)).toMatch(/This is how it ended\. by Ada Lovelace · \d/)
  expect(deepAll(chat.element, CARD).flatMap((card) => deepAll(card, 'button, input, textarea, select'))).toEqual([])
  expect(deepAll(chat.element, 'time')[0]?.getAttribute('datetime')).toMatch(/^2030-01-01T12:00/)
  expect(chat.browser.count).toBe(0)
})

test.each([
  ['ada', { id: 'ada', kind: 'user', name: 'Ada' }, 'by Ada ·'],
  ['ada', { id: 'ada', kind: 'user' }, 'by you ·'],
  ['anonymous:1', { id: 'anonymous:1', kind: 'anonymous' }, 'by you ·'],
  ['anonymous:1', { id: 'ada', kind: 'user', name: 'Ada' }, 'by Ada ·'],
  ['bob', { id: 'ada', kind: 'user', name: 'Ada' }, 'by somebody else ·'],
] as const)('what "%s" decided reads, for %o, "%s"', async (by, viewer, words) => {
  expect(lineOf(await decided(questions.text, 'answered', { by, viewer }))).toContain(words)
})

test('what nobody decided names nobody', async () => {
  expect(lineOf(await decided(questions.text, 'expired', { by: 'system' }))).not.toContain('by ')
})

test('the line repeats what was asked, where the decision does not say it', async () => {
  expect(lineOf(await decided(questions.text, 'answered'))).toContain('Which city do you want the weather for? This is how it ended.')
  for (const question of [signIn, questions.backchannel, questions.device_code])
    expect(lineOf(await decided(question, 'answered'))).toMatch(/^This is how it ended\./)
})

test('what was approved, and what was to be allowed, can be looked at later', async () => {
  const approved = await decided(questions.approval, 'answered')
  for (const part of ['transfer_money', 'DE02 1203 0000 0000 2020 51', 'amount', '50', 'high', 'wants to transfer'])
    expect(detailsOf(approved)).toContain(part)
  const allowed = detailsOf(await decided(signIn, 'declined'))
  for (const part of ['whoami', 'Read your e-mail address', 'calendar.read']) expect(allowed).toContain(part)
  const elsewhere = detailsOf(await decided(questions.backchannel, 'answered', { by: 'system' }))
  for (const part of ['is_active_employee', 'Know who you are', 'read:employee', 'HR check 4711']) expect(elsewhere).toContain(part)
  const coded = detailsOf(await decided(questions.device_code, 'answered'))
  for (const part of ['who_am_i', 'Read your name']) expect(coded).toContain(part)
  expect(coded).not.toContain('WDJB')
})

async function decided(
  question: Question,
  state: Exclude<InteractionState, 'pending'>,
  { by = 'ada', viewer = { id: 'ada', kind: 'user', name: 'Ada Lovelace' } }: { by?: string; viewer?: Me['principal'] } = {},
): Promise<MountedChat> {
  const browser = new VirtualBrowser()
  browser.me = { ...browser.me, principal: viewer }
  return mountChat([started('hi'), asked(question), closed(state, 'This is how it ended.', { by })], browser)
}

function lineOf(chat: MountedChat): string {
  return wordsOf(deepAll(chat.element, '.line')[0])
}

function detailsOf(chat: MountedChat): string {
  return wordsOf(deepAll(chat.element, 'details')[0])
}

function wordsOf(element: HTMLElement | undefined): string {
  return element?.textContent.replace(/\s+/g, ' ').trim() ?? ''
}
