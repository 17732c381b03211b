import type { DeviceCodeDetails, Question } from '@countersign/core/protocol'
import { expect, test } from 'vitest'
import { asked, started, waits } from '../testing/canned-events.ts'
import { deepAll } from '../testing/deep-query.ts'
import { mountChat, type MountedChat } from '../testing/mount-chat.ts'
import { VirtualBrowser } from '../testing/virtual-browser.ts'

const CARD = 'countersign-question-card'
const plain = 'https://login.example.com/device'
const complete = 'https://login.example.com/device?user_code=WDJBMJHT'

test('shows tool, host, scopes, the code in groups, where it is typed, and whom not to trust', async () => {
  const chat = await askedForCode()
  const words = chat.words(CARD)
  for (const part of ['who_am_i', 'login.example.com', 'Know who you are', plain, 'Enter it only there, and only if you started this.'])
    expect(words).toContain(part)
  expect(deepAll(chat.element, '.compare strong span').map(({ textContent }) => textContent)).toEqual(['WDJB', 'MJHT'])
})

test('the code is selected whole, and read to a screen reader letter by letter', async () => {
  const chat = await askedForCode()
  const shown = deepAll(chat.element, '.compare strong')[0]
  if (shown === undefined) throw new Error('no code is shown')
  expect(getComputedStyle(shown).userSelect).toBe('all')
  expect(shown.textContent).toBe('WDJBMJHT')
  expect(shown.getAttribute('aria-hidden')).toBe('true')
  expect(deepAll(chat.element, '.compare .visually-hidden')[0]?.textContent).toBe('W D J B M J H T')
})

test('the code alone is copied', async () => {
  const chat = await (await askedForCode()).click('Copy the code')
  expect(chat.browser.copied).toEqual(['WDJBMJHT'])
  expect(chat.buttons).toContain('Code copied')
})

test('a browser that keeps the clipboard to itself is no error: the code can be selected', async () => {
  const browser = new VirtualBrowser()
  browser.copyText = () => Promise.reject(new DOMException('no', 'NotAllowedError'))
  const chat = await (await askedForCode({}, browser)).click('Copy the code')
  expect(chat.words(CARD)).toContain('Select the code instead.')
  expect(chat.buttons).toContain('Copy the code')
})

test.each([
  ['the address that has the code in it', { verificationUriComplete: complete }, complete],
  ['the plain address', {}, plain],
  ['the plain address, where the other is none to be opened', { verificationUriComplete: 'javascript:alert(1)' }, plain],
  ['this computer', { verificationUri: 'http://127.0.0.1:4000/device' }, 'http://127.0.0.1:4000/device'],
])('the link leads to %s, names the host, and opens apart from this page', async (_what, details, href) => {
  const chat = await askedForCode(details)
  const [link, ...others] = deepAll(chat.element, 'a')
  expect(others).toEqual([])
  expect(link).toMatchObject({ href, target: '_blank', rel: 'noopener noreferrer' })
  expect(link?.textContent.replace(/\s+/g, ' ').trim()).toBe(`Open ${new URL(href).host}`)
})

test.each(['javascript:alert(1)', 'http://login.example.com/device', 'https://login.example.com@evil.example/', 'data:text/html,x', ''])(
  '"%s" is shown as text and not linked',
  async (verificationUri) => {
    const chat = await askedForCode({ verificationUri })
    expect(deepAll(chat.element, 'a')).toEqual([])
    expect(chat.words(CARD)).toContain(verificationUri)
    expect(chat.words(CARD)).toContain('is not opened from here')
  },
)

test('how the wait goes is said, and a new code can be had from ten seconds on', async () => {
  const chat = await askedForCode()
  expect(chat.words(CARD)).toContain('Waiting for you to finish there.')
  await chat.happen(waits('slowed_down'))
  expect(chat.words(CARD)).toContain('wants to be asked less often')
  await chat.click('Get a new code')
  expect(chat.browser.socket.sent).toEqual([])
  await chat.wait(10_000)
  await chat.click('Get a new code')
  expect(chat.browser.socket.sent).toMatchObject([{ interaction_id: 'question-1', action: 'resend' }])
})

async function askedForCode(details: Partial<DeviceCodeDetails> = {}, browser = new VirtualBrowser()): Promise<MountedChat> {
  const about = { provider: 'demo', host: 'login.example.com', scopes: ['openid'], tool: 'who_am_i' }
  const device = { ...about, userCode: 'WDJBMJHT', verificationUri: plain, ...details }
  const question: Question = { kind: 'device_code', text: 'the text of the question', device }
  return mountChat([started('Who am I?'), asked(question)], browser)
}
