import type { Me } from '@countersign/core/protocol'
import { expect, test } from 'vitest'
import { finished, replied, started } from '../testing/canned-events.ts'
import { deepAll } from '../testing/deep-query.ts'
import { mountChat, MountedChat } from '../testing/mount-chat.ts'
import { VirtualBrowser } from '../testing/virtual-browser.ts'
import { activeElement } from './is-typing.ts'

const ada: Me['principal'] = { id: 'ada', kind: 'user', name: 'Ada Lovelace' }
const bob: Me['principal'] = { id: 'bob', kind: 'user', name: 'Bob' }
const guest: Me['principal'] = { id: 'anonymous:1', kind: 'anonymous' }
const otherGuest: Me['principal'] = { id: 'anonymous:2', kind: 'anonymous' }
const host = 'id.example.com'
const log = [started('a secret of mine'), ...replied('I keep it.'), finished()]

test('when the session is over, the chat says so, shows nothing of it, and waits for the person', async () => {
  const chat = await talkedAs(ada)
  deepAll(chat.element, 'textarea')[0]?.focus()
  await overAs(chat, guest)
  await chat.wait(600_000)
  expect(chat.words('countersign-connection')).toBe('Signed out')
  expect(chat.words('countersign-turn')).not.toContain('secret')
  expect(deepAll(chat.element, 'textarea')).toEqual([])
  expect(chat.browser.sockets).toHaveLength(1)
  expect(activeElement()?.textContent).toBe('You are signed out')
  expect(chat.browser.stored.get('tab countersign.conversation')).toBeUndefined()
})

test('who starts anew has the composer before them, in a conversation of their own', async () => {
  const chat = await talkedAs(ada)
  const before = chat.browser.socket.conversationId
  await (await overAs(chat, guest)).click('Start anew')
  chat.browser.socket.replay([])
  await chat.settle()
  expect(chat.browser.socket.conversationId).not.toBe(before)
  expect(chat.words('countersign-connection')).toBe('Connected')
  expect(activeElement()?.tagName).toBe('TEXTAREA')
})

test('a guest who has just signed in, in another tab, goes on where they were', async () => {
  const chat = await talkedAs(guest)
  const before = chat.browser.socket.conversationId
  await overAs(chat, ada)
  expect(chat.browser.sockets).toHaveLength(2)
  expect(chat.browser.socket.conversationId).toBe(before)
  expect(chat.words('countersign-turn')).toContain('a secret of mine')
  expect(chat.words('countersign-account')).toContain('Ada Lovelace')
})

test.each([
  [ada, bob],
  [guest, otherGuest],
] as const)('what %o said is not shown to %o, who has the browser after a lost connection', async (before, after) => {
  const chat = await talkedAs(before)
  chat.browser.me = { ...chat.browser.me, principal: after }
  chat.browser.socket.lose()
  await chat.wait(1000)
  expect(chat.words('countersign-turn')).not.toContain('secret')
})

test('where one has to sign in first, there is the way to it, and nothing else', async () => {
  const browser = new VirtualBrowser()
  browser.me = { ...browser.me, principal: guest, signIn: { host, required: true } }
  const chat = await new MountedChat(browser).settle()
  expect(chat.words('countersign-gate')).toContain('Sign in to begin')
  expect(chat.words('countersign-connection')).toBe('Not signed in')
  expect(browser.sockets).toEqual([])
  expect(deepAll(chat.element, 'textarea')).toEqual([])
  expect(chat.buttons.some((words) => words.includes('New') || words.includes('Start anew'))).toBe(false)
  const link = deepAll(chat.element, 'countersign-gate').flatMap((gate) => deepAll(gate, 'a'))[0]
  expect(link).toMatchObject({ href: 'https://chat.example/auth/sign-in?return=%2F%3Ftab%3D1', target: '' })
})

test('a session that is over where one has to sign in offers that alone', async () => {
  const chat = await talkedAs(ada, { host, required: true })
  await overAs(chat, guest)
  expect(chat.words('countersign-gate')).toContain('Sign in with id.example.com')
  expect(chat.buttons.some((words) => words.includes('Start anew'))).toBe(false)
})

test('a conversation that the server knows nothing of, for this person, is left for a new one', async () => {
  const browser = new VirtualBrowser()
  browser.remember('tab', 'countersign.conversation', 'of somebody else')
  const chat = await new MountedChat(browser).settle()
  expect(browser.socket.conversationId).toBe('of somebody else')
  browser.socket.replay([])
  await chat.settle()
  expect(browser.socket.conversationId).not.toBe('of somebody else')
})

async function talkedAs(principal: Me['principal'], signIn?: NonNullable<Me['signIn']>): Promise<MountedChat> {
  const browser = new VirtualBrowser()
  browser.me = { ...browser.me, principal, ...(signIn && { signIn }) }
  return mountChat(log, browser)
}

/** The server ends the session; asked again, it says that the browser is this one now. */
async function overAs(chat: MountedChat, principal: Me['principal']): Promise<MountedChat> {
  chat.browser.me = { ...chat.browser.me, principal }
  chat.browser.socket.lose(4401)
  return chat.settle()
}
