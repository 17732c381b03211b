import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { isComplete, isQuestion, openNatClient, textOf } from '../e2e/nat-client.ts'
import { type ChatClient, type ChatFrame, isCaughtUp, isEvent, openChat } from '../hostile/chat-client.ts'
import { AccountBrowser } from './account-browser.ts'
import { type InstanceName, type Instances, openInstances } from './instances.ts'

// Each goes through three servers, a provider and a database.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 })

let instances: Instances
beforeAll(async () => {
  instances = await openInstances()
})
afterAll(() => instances.stop())

test('the socket is at A, the sign-in is opened at B and comes back to C: the answer arrives over the socket at A', async () => {
  const { browser, chat } = await openAtA()
  const [requests, runs] = [instances.provider.tokenRequests(), instances.endedRuns.length]
  chat.say('who', 'm1')
  const startUrl = startUrlIn(await chat.until(isEvent('interaction-open')))
  instances.leadTo('B')
  const callback = await browser.toCallback(startUrl)
  instances.leadTo('C')
  const { response } = await browser.browser.visit(callback)
  expect(await response.text()).toContain('You are signed in')
  await chat.until(isEvent('run-end'))
  expect(repliesOf(chat).at(-1)).toContain('Ada Lovelace')
  expect(instances.provider.tokenRequests()).toBe(requests + 1)
  expect(instances.endedRuns).toHaveLength(runs + 1)
})

test('a session made at A is the same at B and C', async () => {
  const browser = await openBrowser()
  const { principal } = await browser.me()
  for (const name of ['B', 'C'] as const) {
    instances.leadTo(name)
    expect((await browser.me()).principal).toEqual(principal)
  }
})

test('a question asked through A is answered through B, once; both sockets are told the same', async () => {
  const { browser, chat } = await openAtA()
  const other = await openAt('B', browser, chat.conversationId)
  const effects = instances.effects.length
  chat.say('pick', 'm1')
  const asked = await other.until(isEvent('interaction-open'))
  const id = asked.event.type === 'interaction-open' ? asked.event.interaction.id : ''
  chat.answer(id, 'red')
  other.answer(id, 'blue')
  await Promise.all([chat.until(isEvent('run-end')), other.until(isEvent('run-end'))])
  expect(instances.effects).toHaveLength(effects + 1)
  expect(chat.events).toEqual(other.events)
  expect(chat.events.map(({ seq }) => seq)).toEqual(chat.events.map((_event, at) => at + 1))
})

test('what A is executing is stopped by a cancel at B, at once', async () => {
  const { browser, chat } = await openAtA()
  const other = await openAt('B', browser, chat.conversationId)
  chat.say('dig', 'm1')
  await other.until(isEvent('tool-start'))
  const cancelledAt = performance.now()
  other.send({ type: 'cancel_message', conversation_id: other.conversationId })
  const end = await chat.until(isEvent('run-end'))
  expect(end.event).toMatchObject({ state: 'cancelled' })
  expect(performance.now() - cancelledAt).toBeLessThan(1_000)
})

test('who signs out at B is signed out at A and C, and their socket at A closes with 4401', async () => {
  const { browser, chat } = await openAtA()
  const { principal } = await browser.me()
  const { cookie } = browser
  instances.leadTo('B')
  expect(await browser.post('/api/sign-out')).toEqual({ ended: 1 })
  expect(await chat.closed).toBe(4401)
  for (const name of ['A', 'C'] as const) {
    instances.leadTo(name)
    const response = await fetch(`${instances.origin}/api/me`, { headers: { cookie } })
    expect(await response.json()).not.toMatchObject({ principal })
  }
})

test('a sign-in to the server itself that began at A is finished at B, and counts at C', async () => {
  const browser = await openBrowser()
  const callback = await browser.toCallback(`${instances.origin}/auth/sign-in?return=/`)
  instances.leadTo('B')
  await browser.browser.visit(callback)
  instances.leadTo('C')
  expect((await browser.me()).principal).toMatchObject({ kind: 'user', name: 'Ada Lovelace' })
})

test('what is disconnected at B is used by A no more: the person is asked anew', async () => {
  const { browser, chat } = await openAtA()
  chat.say('who', 'm1')
  await browser.browser.visit(await browser.toCallback(startUrlIn(await chat.until(isEvent('interaction-open')))))
  await chat.until(isEvent('run-end'))
  instances.leadTo('B')
  const [connection] = (await browser.me()).connections
  expect(await browser.post(`/api/connections/${connection?.id}/disconnect`)).toEqual({ revoked: true })
  const from = chat.frames.length
  chat.say('who', 'm2')
  await chat.until(isEvent('interaction-open'), from)
})

test('a NAT client that is cut off from A and comes back at B is shown the open question, and its answer there counts', async () => {
  const { cookie } = await openBrowser()
  const conversationId = randomUUID()
  const before = await openNatClient(instances.origin, cookie, conversationId)
  before.say('pick')
  const asked = await before.until(isQuestion)
  before.socket.terminate()
  instances.leadTo('B')
  const after = await openNatClient(instances.origin, cookie, conversationId)
  const again = await after.until(isQuestion)
  expect(again.content).toMatchObject({ text: asked.content?.['text'], input_type: 'radio' })
  after.answer(['red'])
  await after.until(isComplete)
  expect(textOf(after)).toBe('Done: [{"colour":"red"}]')
})

test('a NAT client that was away while its turn ended is told of the end by a server that it never spoke with', async () => {
  const { browser, chat } = await openAtA()
  const { conversationId } = chat
  const before = await openNatClient(instances.origin, browser.cookie, conversationId)
  before.say('pick', 'm1')
  await before.until(isQuestion)
  before.socket.terminate()
  const asked = await chat.until(isEvent('interaction-open'))
  chat.answer(asked.event.type === 'interaction-open' ? asked.event.interaction.id : '', 'blue')
  await chat.until(isEvent('run-end'))
  instances.leadTo('B')
  const after = await openNatClient(instances.origin, browser.cookie, conversationId)
  expect(await after.until(isComplete)).toMatchObject({ parent_id: 'm1' })
  expect(textOf(after)).toBe('Done: [{"colour":"blue"}]')
  expect(after.frames.filter(isQuestion)).toEqual([])
})

/** Somebody whose session was made at A, and whose chat's socket is there. */
async function openAtA(): Promise<{ readonly browser: AccountBrowser; readonly chat: ChatClient }> {
  const browser = await openBrowser()
  return { browser, chat: await openAt('A', browser) }
}

/** A browser whose session was made at A. */
async function openBrowser(): Promise<AccountBrowser> {
  instances.leadTo('A')
  const browser = new AccountBrowser(instances.origin)
  await browser.me()
  return browser
}

/** A socket of that browser at an instance; it has caught up. */
async function openAt(name: InstanceName, { cookie }: AccountBrowser, conversationId: string = randomUUID()): Promise<ChatClient> {
  instances.leadTo(name)
  const chat = await openChat(instances, { cookie, conversationId, lastSeq: 0 })
  await chat.until(isCaughtUp)
  return chat
}

function startUrlIn(frame: Extract<ChatFrame, { type: 'event_message' }>): string {
  const { event } = frame
  const question = event.type === 'interaction-open' ? event.interaction.question : undefined
  if (question?.kind !== 'oauth_consent') throw new Error('no sign-in was asked for')
  return question.consent.startUrl
}

function repliesOf({ events }: ChatClient): readonly string[] {
  return events.flatMap(({ event }) => (event.type === 'reply-end' ? [event.text] : []))
}
