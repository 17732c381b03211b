import type { InteractionKind } from '@countersign/core/protocol'
import { expect, test } from 'vitest'
import { userEvent } from 'vitest/browser'
import { questions } from '../../dev/questions.ts'
import { activeElement } from '../elements/is-typing.ts'
import { asked, closed, started } from '../testing/canned-events.ts'
import { mountChat, type MountedChat } from '../testing/mount-chat.ts'

type Name = InteractionKind | 'approval' | 'unknown'

/** From the heading of the card to the answer, with keys alone; a number is a wait, in milliseconds. */
const ways: readonly (readonly [Name, readonly (string | number)[], object])[] = [
  ['text', ['{Tab}', 'Lisbon', '{Tab}', '{Enter}'], { action: 'accept', answer: 'Lisbon' }],
  ['notification', ['{Tab}', '{Enter}'], { action: 'accept' }],
  ['binary_choice', [300, '{Tab}', '{Tab}', ' '], { action: 'accept', answer: 'no' }],
  ['approval', [300, '{Tab}', '{Tab}', '{Enter}', 300, '{Enter}'], { action: 'accept', answer: 'approve' }],
  [
    'approval',
    [300, '{Tab}', '{Enter}', '{Tab}', 'Wrong account', '{Tab}', '{Tab}', '{Enter}'],
    { action: 'decline', reason: 'Wrong account' },
  ],
  ['radio', ['{Tab}', '{ArrowDown}', '{Tab}', '{Enter}'], { action: 'accept', answer: 'private' }],
  ['checkbox', ['{Tab}', ' ', '{Tab}', ' ', '{Tab}', '{Enter}'], { action: 'accept', answer: ['sales', 'costs'] }],
  ['dropdown', ['{Tab}', 'Asia', '{Tab}', '{Enter}'], { action: 'accept', answer: 'as' }],
  ['unknown', ['{Tab}', '{Tab}', 'as text', '{Tab}', '{Enter}'], { action: 'accept', answer: 'as text' }],
  ['oauth_consent', ['{Tab}', '{Tab}', '{Enter}'], { action: 'cancel' }],
  ['backchannel', [10_000, '{Tab}', '{Enter}'], { action: 'resend' }],
  ['backchannel', ['{Tab}', '{Enter}', '{Tab}', '{Enter}'], { action: 'cancel' }],
  ['device_code', [10_000, '{Tab}', '{Tab}', '{Tab}', ' '], { action: 'resend' }],
  ['device_code', ['{Tab}', '{Tab}', '{Tab}', '{Enter}', '{Tab}', '{Enter}'], { action: 'cancel' }],
]

test.each(ways)('a %s is answered with %j, and the person is never lost', async (name, keys, response) => {
  const chat = await askedLive(name)
  for (const key of keys) {
    await press(chat, key)
    expect(activeElement()).not.toBe(document.body)
  }
  expect(chat.browser.socket.sent).toMatchObject([response])
  await chat.happen(closed('answered', 'Done.'))
  expect(activeElement()?.textContent).toContain('Done.')
})

test.each(Object.keys(questions) as readonly Name[])('Enter and Space on the heading of a %s answer nothing', async (name) => {
  const chat = await askedLive(name)
  for (const key of [300, '{Enter}', ' ', '{Enter}']) await press(chat, key)
  expect(chat.browser.socket.sent).toEqual([])
})

test('a sign-in is opened by Enter; the person stays with what is offered next', async () => {
  const chat = await askedLive('oauth_consent')
  await press(chat, '{Tab}')
  await press(chat, '{Enter}')
  expect(chat.browser.popups).toHaveLength(1)
  expect(activeElement()?.textContent).toBe('Open it again')
})

test('whatever the keyboard reaches shows that it is reached', async () => {
  const chat = await askedLive('approval')
  for (let steps = 0; steps < 4; steps += 1) {
    await press(chat, '{Tab}')
    const { outlineStyle, outlineWidth } = getComputedStyle(activeElement() ?? document.body)
    expect([outlineStyle, outlineWidth]).toEqual(['solid', '2px'])
  }
})

async function askedLive(name: Name): Promise<MountedChat> {
  const chat = await mountChat([started('hi')])
  await chat.happen(asked(questions[name]))
  expect(activeElement()?.id).toBe('heading')
  return chat
}

async function press(chat: MountedChat, key: string | number): Promise<void> {
  if (typeof key === 'number') chat.browser.advance(key)
  else await userEvent.keyboard(key)
  await chat.settle()
}
