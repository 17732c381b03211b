import { expect, test } from 'vitest'
import { VirtualBrowser } from '../testing/virtual-browser.ts'
import { isOwnStartUrl, SignInPopup } from './popup.ts'

const target = { interactionId: 'q1', startUrl: 'https://chat.example/auth/start/q1', origin: 'https://chat.example' }

test('one window per question, named after it', () => {
  const { browser, popup } = watched()
  popup.open(target)
  expect(browser.popups).toMatchObject([{ url: target.startUrl, name: 'countersign-q1' }])
  expect(popup.state).toBe('waiting')
})

test('a window that is gone is reported, as a hint, and can be opened again', () => {
  const { browser, popup, changes } = watched()
  popup.open(target)
  browser.popups[0]?.close()
  browser.advance(600)
  expect(popup.state).toBe('closed')
  popup.open(target)
  expect(popup.state).toBe('waiting')
  expect(changes()).toBe(3)
})

test('a refusal of the browser is not a wait', () => {
  const { browser, popup } = watched()
  browser.isBlockingPopups = true
  popup.open(target)
  expect(popup.state).toBe('blocked')
})

test('closing the question closes its window and ends the watch', () => {
  const { browser, popup, changes } = watched()
  popup.open(target)
  popup.close()
  browser.advance(5000)
  expect(browser.popups[0]?.closed).toBe(true)
  expect(changes()).toBe(1)
})

test.each([
  'javascript:alert(1)',
  'data:text/html,hi',
  'myapp://start',
  'https://evil.example/auth/start/q1',
  'https://chat.example.evil.example/',
  'https://chat.example@evil.example/',
  'https://user:word@chat.example/auth/start/q1',
  'http://chat.example/auth/start/q1',
  '/auth/start/q1',
  '',
])('"%s" is never opened', (startUrl) => {
  const { browser, popup } = watched()
  popup.open({ ...target, startUrl })
  expect(popup.state).toBe('refused')
  expect(browser.popups).toEqual([])
})

test('loopback over http is our own when the page is', () => {
  expect(isOwnStartUrl('http://127.0.0.1:8080/auth/start/q1', 'http://127.0.0.1:8080')).toBe(true)
})

function watched() {
  const browser = new VirtualBrowser()
  let changes = 0
  const popup = new SignInPopup(browser, () => {
    changes += 1
  })
  return { browser, popup, changes: () => changes }
}
