import type { Connection, Me, SessionView } from '@countersign/core/protocol'
import { expect, test } from 'vitest'
import { appeared } from '../../dev/touch.ts'
import { activeElement } from '../elements/is-typing.ts'
import { finished, replied, started } from '../testing/canned-events.ts'
import { deepAll } from '../testing/deep-query.ts'
import { mountChat, type MountedChat } from '../testing/mount-chat.ts'
import { VirtualBrowser } from '../testing/virtual-browser.ts'

const PANEL = 'countersign-account-panel'
const noon = Date.UTC(2030, 0, 1, 12)
const connection: Connection = {
  id: 'connection 1',
  provider: 'demo',
  host: 'login.example.com',
  scopes: ['openid', 'email', 'calendar.read'],
  connectedAt: noon - 60_000,
  expiresAt: noon + 3_600_000,
}
const here: SessionView = { id: 'session-1', isCurrent: true, createdAt: noon, lastSeenAt: noon, browser: 'Chrome on Linux' }
const there: SessionView = { ...here, id: 'session-2', isCurrent: false, browser: 'Safari on iPhone' }
const ada: Me['principal'] = { id: 'ada', kind: 'user', name: 'Ada Lovelace' }
const guest: Me['principal'] = { id: 'anonymous:1', kind: 'anonymous' }

test('says who this is, what is connected, for what and how long, and where else one is signed in', async () => {
  const chat = await opened()
  const words = chat.words(PANEL)
  for (const part of ['Ada Lovelace', 'login.example.com', 'Know who you are', 'Read your e-mail address', 'calendar.read'])
    expect(words).toContain(part)
  expect(words).toMatch(/Lasts until \d/)
  expect(words).toMatch(/Chrome on Linux .* This browser Safari on iPhone/)
  expect(buttonNamed(chat, 'End Chrome on Linux')).toBeUndefined()
})

test('a connection that renews itself lasts until it is disconnected', async () => {
  const chat = await opened(ada, { connections: [{ ...connection, expiresAt: null }] })
  expect(chat.words(PANEL)).toContain('Lasts until you disconnect it')
})

test('the focus goes into it, and back to the button when it is closed', async () => {
  const chat = await opened()
  expect(activeElement()?.id).toBe('title')
  deepAll(chat.element, '[aria-label="Close"]')[0]?.click()
  await chat.settle()
  expect(activeElement()?.textContent).toContain('Account:')
})

test('disconnecting takes a second step that says what it does, and then says what came of it', async () => {
  const chat = await (await opened()).click('Disconnect')
  expect(chat.words(PANEL)).toContain('login.example.com is told to withdraw it')
  expect(chat.browser.posts).toEqual([])
  expect(activeElement()?.id).toBe('explanation')
  chat.browser.answer = { status: 200, body: { revoked: true } }
  await (await chat.wait(300)).click('Disconnect login.example.com')
  expect(chat.browser.posts).toEqual([{ path: '/api/connections/connection%201/disconnect', body: {} }])
  expect(chat.words(PANEL)).toContain('login.example.com has withdrawn the access')
  expect(chat.words(PANEL)).not.toContain('Read your e-mail address')
  expect(activeElement()?.textContent).toContain('has withdrawn')
})

test('a double click is not a confirmation, Keep and Escape leave all as it is', async () => {
  const chat = await (await opened()).click('Disconnect')
  await chat.click('Disconnect login.example.com')
  await chat.click('Keep it')
  expect(activeElement()?.getAttribute('aria-label')).toBe('Disconnect login.example.com')
  await (await chat.click('Disconnect')).wait(300)
  activeElement()?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, composed: true, cancelable: true }))
  await chat.settle()
  expect(chat.browser.posts).toEqual([])
  expect(deepAll(chat.element, 'dialog[open]')).toHaveLength(1)
})

test.each([
  [{ status: 200, body: { revoked: false } }, 'Removed here, but login.example.com did not confirm.', false],
  [{ status: 404, body: null }, 'login.example.com was disconnected before.', false],
  [{ status: 403, body: null }, 'The server did not do this; nothing was changed.', true],
  [null, 'The server did not answer, so this may or may not have happened.', true],
])('the answer %o reads "%s"', async (answer, words, canBeTriedAgain) => {
  const chat = await opened()
  chat.browser.answer = answer
  await (await (await chat.click('Disconnect')).wait(300)).click('Disconnect login.example.com')
  expect(chat.words(PANEL)).toContain(words)
  expect(chat.buttons.includes('Try again')).toBe(canBeTriedAgain)
})

test('what was not done can be tried again', async () => {
  const chat = await opened()
  chat.browser.answer = null
  buttonNamed(chat, 'End Safari on iPhone')?.click()
  await chat.settle()
  chat.browser.answer = { status: 200, body: { ended: 1 } }
  await chat.click('Try again')
  expect(chat.browser.posts.map(({ path }) => path)).toEqual(['/api/sessions/session-2/end', '/api/sessions/session-2/end'])
  expect(chat.words(PANEL)).toContain('That browser is signed out.')
  expect(chat.words(PANEL)).not.toContain('Safari')
})

test('a list that cannot be read is said so, and read again', async () => {
  const chat = await mounted()
  chat.browser.isRefusing = true
  await openPanel(chat)
  expect(chat.words(PANEL)).toContain('The list could not be read.')
  chat.browser.isRefusing = false
  await chat.click('Try again')
  expect(chat.words(PANEL)).toContain('Safari on iPhone')
})

test('signing out leaves the conversation, says so, and lets one start anew', async () => {
  const chat = await opened()
  leaveFor(chat.browser, { id: 'anonymous:2', kind: 'anonymous' })
  await chat.click('Sign out')
  expect(chat.browser.posts).toEqual([{ path: '/api/sign-out', body: { everywhere: false } }])
  expect(deepAll(chat.element, 'dialog[open]')).toEqual([])
  expect(chat.words('countersign-gate')).toContain('You are signed out')
  expect(chat.words('countersign-connection')).toBe('Signed out')
  expect(chat.words('countersign-messages')).toBe('')
  expect(chat.browser.sockets).toHaveLength(1)
  await chat.click('Start anew')
  expect(chat.browser.sockets).toHaveLength(2)
  expect(chat.words('countersign-turn')).toBe('')
})

test('signing out everywhere takes a second step', async () => {
  const chat = await (await opened()).click('Sign out everywhere…')
  expect(chat.words(PANEL)).toContain('All your browsers are signed out')
  leaveFor(chat.browser, { id: 'anonymous:2', kind: 'anonymous' })
  await (await chat.wait(300)).click('Sign out everywhere')
  expect(chat.browser.posts).toEqual([{ path: '/api/sign-out', body: { everywhere: true } }])
  expect(chat.words('countersign-gate')).toContain('You are signed out')
})

test('who leaves their last browser is told what goes with it', async () => {
  const chat = await opened(ada, { sessions: [here] })
  await chat.click('Sign out…')
  expect(chat.words(PANEL)).toContain('your connected accounts are disconnected')
  expect(chat.browser.posts).toEqual([])
})

test('a guest is offered to sign in and come back, and to be forgotten', async () => {
  const chat = await opened(guest, { sessions: [here], signIn: { host: 'id.example.com', required: false } })
  expect(chat.words(PANEL)).toContain('Nobody is signed in')
  const links = deepAll(chat.element, 'a.button')
  expect(links.map((link) => link.textContent.replace(/\s+/g, ' ').trim())).toEqual(['Sign in', 'Sign in with id.example.com'])
  for (const link of links) expect(link.getAttribute('href')).toBe('https://chat.example/auth/sign-in?return=%2F%3Ftab%3D1')
  await (await (await chat.click('Forget this browser')).wait(300)).click('Forget this browser')
  expect(chat.browser.posts).toEqual([{ path: '/api/sign-out', body: { everywhere: false } }])
})

interface Given {
  readonly connections?: readonly Connection[]
  readonly sessions?: readonly SessionView[]
  readonly signIn?: NonNullable<Me['signIn']>
}

async function opened(principal = ada, given: Given = {}): Promise<MountedChat> {
  return openPanel(await mounted(principal, given))
}

async function openPanel(chat: MountedChat): Promise<MountedChat> {
  deepAll(chat.element, 'button.account')[0]?.focus()
  await chat.click('Account:')
  await appeared(chat.element, 'dialog[open]')
  return chat.settle()
}

async function mounted(
  principal = ada,
  { connections = [connection], sessions = [here, there], signIn }: Given = {},
): Promise<MountedChat> {
  const browser = new VirtualBrowser()
  browser.me = { ...browser.me, principal, connections, ...(signIn && { signIn }) }
  browser.sessions = sessions
  return mountChat([started('hi'), ...replied('Hello.'), finished()], browser)
}

function leaveFor(browser: VirtualBrowser, principal: Me['principal']): void {
  browser.me = { ...browser.me, principal, connections: [] }
}

function buttonNamed(chat: MountedChat, name: string): HTMLElement | undefined {
  return deepAll(chat.element, 'button').find((button) => button.getAttribute('aria-label') === name)
}
