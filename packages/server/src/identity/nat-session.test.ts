import type { Visitor } from '@countersign/core'
import { virtualRuntime } from '@countersign/core/testing'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { NatSessions } from './nat-session.ts'

const ui = 'http://localhost:3000'
const value = 'session_1795371357886_1rsfvw2oi'

type Found = { readonly socket: Visitor | 'malformed' | undefined; readonly browser: Visitor | undefined }

/** Who a request with this query and these headers is. */
async function ask(query: string, headers: Record<string, string>): Promise<Found> {
  const sessions = new NatSessions(virtualRuntime(), [ui])
  let found: Found | undefined
  const app = new Hono().get('/', (context) => {
    found = { socket: sessions.ofSocket(context), browser: sessions.ofBrowser(context) }
    return context.body(null)
  })
  await app.request(`/${query}`, { headers })
  if (!found) throw new Error('the request was not answered')
  return found
}

test('the socket that names a session and the browser that has the cookie are one anonymous visitor, and the value is not in it', async () => {
  const { socket } = await ask(`?session=${value}`, { origin: ui })
  const { browser } = await ask('', { cookie: `other=1; nemo-agent-toolkit-session=${value}` })
  expect(socket).toEqual(browser)
  expect(socket).toEqual({
    principal: { id: expect.stringMatching(/^anonymous:nat:[\w-]{43}$/), kind: 'anonymous', roles: [] },
    sessionId: expect.stringMatching(/^nat:[\w-]{43}$/),
  })
  expect(JSON.stringify(socket)).not.toContain(value)
})

test('another value is another visitor', async () => {
  const { socket, browser } = await ask(`?session=${value}`, { origin: ui, cookie: `nemo-agent-toolkit-session=${value}0` })
  expect(browser).toBeDefined()
  expect(browser).not.toEqual(socket)
})

test.each([
  ['our own origin', { origin: 'http://localhost:8000' }],
  ['another origin', { origin: 'http://localhost:3001' }],
  ['the origin "null"', { origin: 'null' }],
  ['no origin', {}],
])('the session that a socket from %s names counts for nothing', async (_what, headers) => {
  expect((await ask(`?session=${value}`, headers)).socket).toBeUndefined()
})

test('a socket that names no session is none of them, whatever cookie its gateway forwards', async () => {
  expect((await ask('', { origin: ui, cookie: `nemo-agent-toolkit-session=${value}` })).socket).toBeUndefined()
})

test.each([
  ['', 'nothing'],
  ['a%20b', 'a space'],
  ['a%2Fb', 'a slash'],
  ['%C3%A9', 'a letter that is not of ASCII'],
  ['a%00', 'a null'],
  ['a%0A', 'the end of a line'],
  ['x'.repeat(129), '129 characters'],
  ['a&session=b', 'two values'],
  ['a&session=a', 'one value twice'],
])('a session of %j is malformed (%s)', async (text) => {
  expect((await ask(`?session=${text}`, { origin: ui })).socket).toBe('malformed')
})

test.each(['a b', 'x'.repeat(129), '%00', '""'])('a cookie of %j is nobody', async (text) => {
  expect((await ask('', { cookie: `nemo-agent-toolkit-session=${text}` })).browser).toBeUndefined()
})
