import { expect, test } from 'vitest'
import { called, ended, finished, replied, replying, started } from '../testing/canned-events.ts'
import { deepAll } from '../testing/deep-query.ts'
import { mountChat, type MountedChat } from '../testing/mount-chat.ts'
import { VirtualBrowser } from '../testing/virtual-browser.ts'

test('Enter sends, and the message is shown at once and only once', async () => {
  const chat = await mountChat()
  await type(chat, 'hello', { key: 'Enter' })
  const sent = chat.browser.socket.sent[0]
  expect(sent).toMatchObject({
    type: 'user_message',
    schema_type: 'chat_stream',
    content: { messages: [{ content: [{ text: 'hello' }] }] },
  })
  expect(chat.words('countersign-turn')).toContain('Sending')
  await chat.happen(started('hello', 'run-1', sent?.type === 'user_message' ? sent.id : ''), ...replied('**hi**'), finished())
  expect(chat.words('countersign-turn')).toBe('You said: hello hi')
})

test.each([{ key: 'Enter', shiftKey: true }, { key: 'Enter', isComposing: true }, { key: 'a' }])('%o sends nothing', async (keys) => {
  const chat = await mountChat()
  await type(chat, 'hello', keys)
  expect(chat.browser.socket.sent).toEqual([])
})

test('stop is there while a run is active, sends a cancel, and a newer message can still be sent', async () => {
  const chat = await mountChat([started('hi'), ...replying('Once')])
  deepAll(chat.element, 'button')
    .find((button) => button.getAttribute('aria-label') === 'Stop')
    ?.click()
  await chat.settle()
  expect(chat.browser.socket.sent).toMatchObject([{ type: 'cancel_message' }])
  await chat.happen(finished('cancelled', 'Stopped by you.'))
  expect(chat.words('countersign-notice')).toBe('Stopped by you.')
  expect(deepAll(chat.element, '[aria-label="Stop"]')).toEqual([])
})

test('a log whose beginning is no longer kept says so, above what is left of it', async () => {
  const chat = await mountChat([started('old', 'run-1', 'm1'), ...replied('gone'), finished()])
  expect(chat.words('.shortened')).toBe('')
  const { socket } = chat.browser
  socket.say({ type: 'snapshot_message', conversation_id: socket.conversationId, seq: 500 })
  socket.log([started('new', 'run-1', 'm2'), ...replied('kept'), finished()], { after: 500 })
  await chat.settle()
  expect(chat.words('.shortened')).toBe('Earlier messages are no longer shown.')
  expect(chat.words('countersign-turn')).toBe('You said: new kept')
})

test('a lost connection continues where it was, with nothing lost or doubled', async () => {
  const log = [started('hi'), ...replied('one two three four'), finished()]
  const whole = (await mountChat(log)).words('countersign-turn')
  for (let cut = 0; cut <= log.length; cut += 1) {
    const chat = await mountChat()
    await chat.happen(...log.slice(0, cut))
    chat.browser.socket.lose()
    await chat.wait(1000)
    expect(chat.browser.socket.lastSeq).toBe(cut)
    await chat.replay(log)
    expect(chat.words('countersign-turn')).toBe(whole)
  }
})

test('a gap in the log makes it connect anew from the last event seen', async () => {
  const chat = await mountChat([started('hi')])
  chat.browser.socket.log([finished()], { after: 7 })
  await chat.settle()
  expect(chat.browser.sockets).toHaveLength(2)
  expect(chat.browser.socket.lastSeq).toBe(1)
})

test('a reload stays in the conversation, a new one leaves it', async () => {
  const browser = new VirtualBrowser()
  const first = (await mountChat([started('hi')], browser)).browser.socket.conversationId
  const chat = await mountChat([started('hi')], browser)
  expect(browser.socket.conversationId).toBe(first)
  await chat.click('New')
  expect(browser.socket.conversationId).not.toBe(first)
  expect(chat.words('countersign-turn')).toBe('')
})

test('an example question is asked by a click', async () => {
  const browser = new VirtualBrowser()
  browser.me = { ...browser.me, workflow: { name: 'demo', examples: ['Who am I?'] } }
  const chat = await (await mountChat([], browser)).click('Who am I?')
  expect(browser.socket.sent).toMatchObject([{ content: { messages: [{ content: [{ text: 'Who am I?' }] }] } }])
  expect(chat.words('countersign-turn')).toContain('Who am I?')
})

test('who we are is asked again after a run', async () => {
  const chat = await mountChat([started('hi')])
  const before = chat.browser.fetches
  chat.browser.me = { ...chat.browser.me, principal: { id: 'ada', kind: 'user', name: 'Ada King' } }
  await chat.happen(finished())
  expect(chat.browser.fetches).toBe(before + 1)
  expect(chat.words('countersign-account')).toContain('Ada King')
})

test('a lost connection says so and can be retried at once', async () => {
  const chat = await mountChat()
  chat.browser.socket.lose()
  await chat.settle()
  expect(chat.words('countersign-connection')).toMatch(/Connection lost\. Next try in 1 s\. Retry now/)
  await chat.click('Retry now')
  chat.browser.socket.replay([])
  await chat.settle()
  expect(chat.words('countersign-connection')).toBe('Connected')
})

test('the end of an answer is announced once, its words are not while they stream', async () => {
  const chat = await mountChat([started('hi')])
  await chat.happen(...replying('streamed words'))
  expect(liveWords(chat)).toBe('')
  await chat.happen({ type: 'reply-end', runId: 'run-1', turn: 1, attempt: 1, text: 'the answer' }, finished())
  expect(liveWords(chat)).toBe('the answer')
})

test('unchanged parts of a growing answer keep their nodes, and an opened step stays open', async () => {
  const chat = await mountChat([started('hi'), called('t'), ended('t', 'x'), ...replying('first\n\nsecond')])
  const first = paragraphs(chat)[0]
  const details = deepAll(chat.element, 'details')[0]
  if (details !== undefined) details.open = true
  await chat.happen({ type: 'token-delta', runId: 'run-1', turn: 1, attempt: 1, text: ' and more\n\nthird' })
  expect(paragraphs(chat)[0]).toBe(first)
  expect(paragraphs(chat)).toHaveLength(3)
  expect(deepAll(chat.element, 'details')[0]?.open).toBe(true)
})

test('a huge output is cut until all of it is wanted', async () => {
  const chat = await mountChat([started('hi'), called('t'), ended('t', 'z'.repeat(118_000))])
  const length = (): number => Math.max(...deepAll(chat.element, 'pre').map(({ textContent }) => textContent.length))
  expect(length()).toBe(20_000)
  await chat.click('Show all 118 kB')
  expect(length()).toBe(118_000)
})

test('the theme is chosen with a button and remembered on this device', async () => {
  const chat = await mountChat()
  const press = async (): Promise<void> => {
    deepAll(chat.element, 'button')
      .find((button) => button.title.startsWith('Theme'))
      ?.click()
    await chat.settle()
  }
  await press()
  expect(chat.element.theme).toBe('light')
  await press()
  expect(chat.element.theme).toBe('dark')
  expect((await mountChat([], chat.browser)).element.theme).toBe('dark')
})

async function type(chat: MountedChat, text: string, keys: KeyboardEventInit): Promise<void> {
  const field = deepAll(chat.element, 'textarea')[0]
  if (field === undefined) throw new Error('no text field')
  field.value = text
  field.dispatchEvent(new InputEvent('input', { bubbles: true }))
  field.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...keys }))
  await chat.settle()
}

function paragraphs(chat: MountedChat): readonly HTMLElement[] {
  return deepAll(chat.element, 'countersign-markdown').flatMap((text) => deepAll(text, 'p'))
}

function liveWords(chat: MountedChat): string {
  return chat.element.shadowRoot?.querySelector('.visually-hidden[role=status]')?.textContent ?? ''
}
