import type { Question } from '@countersign/core/protocol'
import { expect, test } from 'vitest'
import { asked, closed, signIn, started, updated } from '../testing/canned-events.ts'
import { deepAll } from '../testing/deep-query.ts'
import { mountChat, type MountedChat } from '../testing/mount-chat.ts'
import { VirtualBrowser } from '../testing/virtual-browser.ts'

const CARD = 'countersign-question-card'

test('says which tool needs a sign-in, where, for what and until when', async () => {
  const chat = await askedToSignIn()
  const words = chat.words(CARD)
  for (const part of ['whoami', 'login.example.com', 'Know who you are', 'Read your name', 'Read your e-mail address'])
    expect(words).toContain(part)
  expect(words).toContain('Stay connected while you are away')
  expect(deepAll(chat.element, 'li code').map(({ textContent }) => textContent)).toEqual(['calendar.read'])
  expect(words).toContain('5:00')
  expect(words).not.toContain('the text of the question')
  await chat.wait(2000)
  expect(chat.words(CARD)).toContain('4:58')
})

test('opens the start address by the click itself, and nothing before it', async () => {
  const chat = await askedToSignIn()
  expect(chat.browser.popups).toEqual([])
  deepAll(chat.element, 'button')
    .find(({ textContent }) => textContent.includes('Sign in at'))
    ?.click()
  expect(chat.browser.popups).toMatchObject([{ url: 'https://chat.example/auth/start/question-1', name: 'countersign-question-1' }])
})

test('while the window is open it offers to open it again, a plain link, and to cancel', async () => {
  const chat = await (await askedToSignIn()).click('Sign in at')
  expect(chat.words(CARD)).toContain('Finish signing in in the other window')
  expect(linkOf(chat)).toMatchObject({ href: 'https://chat.example/auth/start/question-1', target: '_blank', rel: 'noopener' })
  await chat.click('Open it again')
  expect(chat.browser.popups).toHaveLength(2)
})

test('a blocked window is explained, with a link and its copy', async () => {
  const browser = new VirtualBrowser()
  browser.isBlockingPopups = true
  const chat = await (await askedToSignIn(signIn, browser)).click('Sign in at')
  expect(chat.words(CARD)).toContain('Your browser blocked the window')
  expect(linkOf(chat)).toMatchObject({ target: '_blank', rel: 'noopener' })
  await chat.click('Copy the link')
  expect(browser.copied).toEqual(['https://chat.example/auth/start/question-1'])
  expect(chat.buttons).toContain('Link copied')
})

test('a closed window is a hint; the question stays open', async () => {
  const chat = await (await askedToSignIn()).click('Sign in at')
  chat.browser.popups[0]?.close()
  await chat.wait(600)
  expect(chat.words(CARD)).toContain('The window was closed. Open it again.')
  expect(chat.browser.socket.sent).toEqual([])
  expect(chat.buttons).toContain('Open it again')
})

test('a problem can be tried again', async () => {
  const chat = await (await askedToSignIn()).click('Sign in at')
  await chat.happen(updated(signIn, { problem: 'The provider said no.' }))
  expect(chat.words(CARD)).toContain('The provider said no.')
  await chat.click('Try again')
  expect(chat.browser.popups).toHaveLength(2)
  expect(chat.words(CARD)).toContain('Finish signing in')
})

test('says why it asks again', async () => {
  const chat = await mountChat([started('hi'), asked(signIn, { again: 'Your earlier sign-in ran out.' })])
  expect(chat.words(CARD)).toContain('Your earlier sign-in ran out.')
})

test('cancel closes the window and sends one cancel', async () => {
  const chat = await (await askedToSignIn()).click('Sign in at')
  await chat.click('Cancel')
  await chat.click('Cancel')
  expect(chat.browser.popups[0]?.closed).toBe(true)
  expect(chat.browser.socket.sent).toMatchObject([
    { type: 'user_interaction_message', interaction_id: 'question-1', thread_id: 'question-1', action: 'cancel' },
  ])
})

test.each(['answered', 'declined', 'cancelled', 'expired', 'failed'] as const)(
  'when %s, it is one line with sentence and time',
  async (state) => {
    const chat = await askedToSignIn()
    await chat.happen(closed(state, 'This is how it ended.'))
    expect(chat.words(CARD)).toMatch(/^This is how it ended\. by Ada · \d/)
    expect(deepAll(chat.element, CARD).flatMap((card) => deepAll(card, 'button'))).toEqual([])
  },
)

test.each(['javascript:alert(1)', 'https://evil.example/start', 'data:text/html,x'])(
  'the address "%s" is neither opened nor linked',
  async (startUrl) => {
    const chat = await askedToSignIn({ ...signIn, consent: { ...consentOf(signIn), startUrl } } as Question)
    await chat.click('Sign in at')
    expect(chat.browser.popups).toEqual([])
    expect(linkOf(chat)).toBeUndefined()
    expect(chat.words(CARD)).toContain('was not opened')
  },
)

async function askedToSignIn(question = signIn, browser = new VirtualBrowser()): Promise<MountedChat> {
  return mountChat([started('Who am I?'), asked(question)], browser)
}

function consentOf(question: Question): object {
  return question.kind === 'oauth_consent' ? question.consent : {}
}

function linkOf(chat: MountedChat): HTMLAnchorElement | undefined {
  return deepAll(chat.element, 'a')[0]
}
