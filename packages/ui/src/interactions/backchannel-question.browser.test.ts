import type { Question } from '@countersign/core/protocol'
import { expect, test } from 'vitest'
import { questions } from '../../dev/questions.ts'
import { asked, called, closed, requested, started, updated, waits } from '../testing/canned-events.ts'
import { deepAll } from '../testing/deep-query.ts'
import { mountChat, type MountedChat } from '../testing/mount-chat.ts'

const CARD = 'countersign-question-card'
const NOON = Date.UTC(2030, 0, 1, 12)

test('says which tool waits for whose approval, for what, until when, and the words to compare', async () => {
  const chat = await askedElsewhere()
  const words = chat.words(CARD)
  for (const part of ['is_active_employee', 'login.example.com', 'Know who you are', 'read:employee', '5:00', 'the same words'])
    expect(words).toContain(part)
  expect(deepAll(chat.element, '.compare strong')[0]?.textContent).toBe('HR check 4711')
  expect(chat.buttons).not.toContain('Approve')
})

test('without words to compare it says what else to go by', async () => {
  const chat = await askedElsewhere({
    kind: 'backchannel',
    text: 'x',
    backchannel: { provider: 'hr', host: 'login.example.com', scopes: [], tool: 'hr' },
  })
  expect(deepAll(chat.element, '.compare')).toEqual([])
  expect(chat.words(CARD)).toContain('only if it was started here')
})

test('a screen reader hears each change of how it goes, and no seconds', async () => {
  const chat = await askedElsewhere()
  expect(statusOf(chat)).toBe('Waiting for an answer on the other device.')
  await chat.happen(waits('slowed_down'))
  expect(statusOf(chat)).toContain('wants to be asked less often')
  await chat.happen(waits('unreachable', NOON + 12_000))
  expect(statusOf(chat)).toBe('login.example.com cannot be reached just now.')
  expect(chat.words(CARD)).toContain('It is tried again in 12 s.')
  const said = statusElement(chat)
  await chat.wait(2000)
  expect(chat.words(CARD)).toContain('It is tried again in 10 s.')
  await chat.wait(10_000)
  expect(chat.words(CARD)).toContain('Trying again…')
  expect(statusElement(chat)).toBe(said)
  await chat.happen(waits('waiting', NOON + 20_000))
  expect(statusOf(chat)).toBe('Waiting for an answer on the other device.')
  expect(chat.words(CARD)).not.toContain('ried again')
})

test('it can be sent again from ten seconds on, once, and says so until then', async () => {
  const chat = await askedElsewhere()
  expect(chat.words(CARD)).toContain('You can send it again in 10 s.')
  await chat.wait(9000)
  expect(chat.words(CARD)).toContain('You can send it again in 1 s.')
  await chat.click('Send again')
  expect(chat.browser.socket.sent).toEqual([])
  await chat.wait(1000)
  expect(chat.words(CARD)).not.toContain('You can send it again')
  await chat.click('Send again')
  await chat.click('Send again')
  expect(chat.browser.socket.sent).toMatchObject([
    {
      type: 'user_interaction_message',
      interaction_id: 'question-1',
      action: 'resend',
      content: { messages: [{ content: [{ text: '' }] }] },
    },
  ])
})

test('what the server says against sending it again stands on the card, and it can be tried once more', async () => {
  const chat = await (await askedElsewhere()).wait(10_000)
  await chat.click('Send again')
  const frame = chat.browser.socket.sent[0]
  chat.browser.socket.complain('it was sent a moment ago', frame !== undefined && 'id' in frame ? frame.id : '')
  await chat.settle()
  expect(chat.words(CARD)).toContain('It was sent a moment ago.')
  await chat.click('Send again')
  expect(chat.browser.socket.sent).toHaveLength(2)
})

test('a problem that the server tells leaves how it goes as it was', async () => {
  const chat = await askedElsewhere()
  await chat.happen(waits('slowed_down'), updated(questions.backchannel, { problem: 'Not yet.' }))
  expect(chat.words(CARD)).toContain('Not yet.')
  expect(statusOf(chat)).toContain('wants to be asked less often')
})

test('cancel sends one cancel', async () => {
  const chat = await askedElsewhere()
  await chat.click('Cancel')
  await chat.click('Cancel')
  expect(chat.browser.socket.sent).toMatchObject([{ interaction_id: 'question-1', action: 'cancel' }])
})

test('the step tells that another device is asked: before its card is there, while it is, and after it was sent again', async () => {
  const chat = await mountChat([started('hi'), called('hr'), requested('hr')])
  expect(stepOf(chat)).toContain('asking on another device')
  expect(deepAll(chat.element, CARD)).toEqual([])
  const callId = 'call of hr'
  await chat.happen(asked(questions.backchannel, { callId }), { type: 'tool-wait', runId: 'run-1', callId, tool: 'hr' })
  expect(stepOf(chat)).toContain('asking on another device')
  await chat.happen(closed('cancelled', 'Sent once more.'))
  expect(stepOf(chat)).toContain('running')
  await chat.happen(requested('hr'))
  expect(stepOf(chat)).toContain('asking on another device')
})

test('a question to the person about the same call is waited for as any other', async () => {
  const callId = 'call of hr'
  const chat = await mountChat([started('hi'), called('hr'), requested('hr')])
  await chat.happen(asked(questions.binary_choice, { callId }), { type: 'tool-wait', runId: 'run-1', callId, tool: 'hr' })
  expect(stepOf(chat)).toContain('waiting for you')
})

test('once it has ended it is one line, and what showed the wait is gone', async () => {
  const chat = await askedElsewhere()
  await chat.happen(waits('unreachable', NOON + 60_000), closed('answered', 'Approved on the other device.', { by: 'system' }))
  expect(chat.words(CARD)).toMatch(/^Approved on the other device\. \d/)
  expect(deepAll(chat.element, 'countersign-backchannel-question')).toEqual([])
})

async function askedElsewhere(question: Question = questions.backchannel): Promise<MountedChat> {
  return mountChat([started('Is John Doe an active employee?'), asked(question)])
}

function statusElement(chat: MountedChat): HTMLElement | undefined {
  return deepAll(chat.element, '.progress [role="status"]')[0]
}

function statusOf(chat: MountedChat): string | undefined {
  return statusElement(chat)?.textContent.trim()
}

function stepOf(chat: MountedChat): string {
  return chat.words('countersign-tool-step')
}
