import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { closeCode, me, openSameConversation, sessionCookie, signInToServer, withSignIn } from './account.ts'
import { ADA, catchCallback, type Person, signIn } from './person.ts'
import { PlainBrowser } from './plain-browser.ts'
import { auditRecords, signInRows } from './rows.ts'
import { theatre } from './stage.ts'

const openStage = theatre()
const ISSUED = /^user:http:\/\/127\.0\.0\.1:\d+#ada-lovelace$/

test('somebody asks, is asked to sign in, signs in to the server first, and finishes: the answer arrives, as a user', async () => {
  const { stage, person, store } = await openChat()
  await person.ask()
  await person.card.waitFor()
  const before = await sessionCookie(person.context)
  await signInToServer(person, stage.origin)
  expect((await me(person, stage.origin)).principal).toEqual({ id: expect.stringMatching(ISSUED), kind: 'user', name: ADA })
  await person.card.waitFor()
  const popup = await openConsent(person)
  await signIn(popup)
  await person.hears(ADA)
  const { credentials, runs, interactions } = await signInRows(store)
  expect([...credentials, ...interactions].map(({ principalId }) => principalId)).toEqual([
    expect.stringMatching(ISSUED),
    expect.stringMatching(ISSUED),
  ])
  expect(runs).toMatchObject([{ state: 'done', principal: { kind: 'user' } }])
  // The cookie of before is worth nothing.
  const old = await fetch(`${stage.origin}/api/me`, { headers: { cookie: `${before.name}=${before.value}` } })
  expect(await old.json()).toMatchObject({ principal: { kind: 'anonymous' } })
  expect(old.headers.get('set-cookie')).toContain('-session=')
  expect(await sessionCookie(person.context)).not.toEqual(before)
})

test('another browser of the same user sees the question, takes the sign-in over, and the older callback counts for nothing', async () => {
  const { stage, person } = await openChat()
  await signInToServer(person, stage.origin)
  const older = await catchCallback(await askAndOpen(person), 'Grace Hopper')
  const phone = await stage.person()
  await signInToServer(phone, stage.origin)
  await openSameConversation(person, phone)
  const popup = await openConsent(phone)
  const late = await person.context.newPage()
  expect((await late.goto(older))?.status()).toBe(400)
  await late.getByRole('heading', { name: 'This sign-in is not known' }).waitFor()
  await signIn(popup)
  await Promise.all([person.hears(ADA), phone.hears(ADA)])
  expect(await person.answers('Grace Hopper').count()).toBe(0)
})

test('a browser that lost what it kept of its sign-in opens it anew, also when it is signed in to the server', async () => {
  const { stage, person } = await openChat()
  await signInToServer(person, stage.origin)
  const popup = await askAndOpen(person)
  await person.context.clearCookies({ name: /-flow-/ })
  await popup.close()
  await person.context.clearCookies({ name: /^demo_provider/ })
  await signIn(await person.openPopup('Open it again'))
  await person.hears(ADA)
})

test("another user, and a browser nobody is signed in to, see nothing of a user's question and cannot open it", async () => {
  const { stage, person, store } = await openChat()
  await signInToServer(person, stage.origin)
  await person.ask()
  const address = await person.startUrl()
  const grace = await stage.person()
  await signInToServer(grace, stage.origin, 'Grace Hopper')
  const before = await signInRows(store)
  for (const stranger of [grace, await stage.person()]) {
    await openSameConversation(person, stranger)
    expect(await stranger.card.count()).toBe(0)
    const page = await stranger.context.newPage()
    expect((await page.goto(address))?.status()).toBe(403)
  }
  expect(await signInRows(store)).toEqual(before)
})

test('a sign-in in one tab closes the sockets of the session that it replaces; the other tab comes back and sees everything', async () => {
  const { stage, person } = await openChat()
  await person.ask()
  await person.card.waitFor()
  const code = closeCode(person)
  await person.page.locator('[data-socket=open]').waitFor({ state: 'attached' })
  const tab = await person.context.newPage()
  await tab.goto(`${stage.origin}/auth/sign-in?return=/`)
  await signIn(tab)
  await tab.waitForURL(`${stage.origin}/`)
  expect(await code).toBe(4401)
  await signIn(await openConsent(person))
  await person.hears(ADA)
})

test("an attacker's complete callback in a victim's browser: refused, recorded, the victim is who they were; the attacker can finish", async () => {
  const { stage, person: victim, store } = await openChat()
  const attacker = await stage.person()
  await attacker.page.goto(`${stage.origin}/auth/sign-in?return=/`)
  const address = await catchCallback(attacker.page, 'Mallory')
  const before = await me(victim, stage.origin)
  expect((await victim.page.goto(address))?.status()).toBe(403)
  await victim.page.getByRole('heading', { name: 'This sign-in belongs to another browser' }).waitFor()
  expect(await me(victim, stage.origin)).toEqual(before)
  expect(stage.provider.tokenRequests()).toBe(0)
  expect(await auditRecords(store, 'callback-refused')).toMatchObject([{ why: 'other_browser' }])
  const nobody = await new PlainBrowser().visit(address)
  expect(nobody.response.status).toBe(403)
  await (await attacker.context.newPage()).goto(address)
  expect((await me(attacker, stage.origin)).principal.name).toBe('Mallory')
})

test('a callback that comes a second time, also at once: one token request, and nothing changes', async () => {
  const { stage } = await openServer()
  const { browser, address } = await caughtCallback(stage.origin)
  const cookie = browser.cookiesOf(stage.origin)
  const answers = await Promise.all([1, 2, 3].map(() => fetch(address, { headers: { cookie }, redirect: 'manual' })))
  expect(answers.map(({ status }) => status).toSorted((left, right) => left - right)).toEqual([303, 400, 400])
  const late = await fetch(address, { headers: { cookie: answers.find(({ status }) => status === 303)?.headers.getSetCookie()[0] ?? '' } })
  expect([late.status, await late.text()]).toEqual([400, expect.stringContaining('This sign-in is not known')])
  expect(stage.provider.tokenRequests()).toBe(1)
})

test.each<readonly [string, number, (url: URL) => void]>([
  ['no state', 400, (url) => url.searchParams.delete('state')],
  ['two states', 400, (url) => url.searchParams.append('state', url.searchParams.get('state') ?? '')],
  ['an unknown state', 400, (url) => url.searchParams.set('state', 'never-issued')],
  ['an endless state', 400, (url) => url.searchParams.set('state', 'x'.repeat(8_000))],
  ['the name of another server', 400, (url) => url.searchParams.set('iss', 'https://evil.example')],
  ['a code of somebody else', 502, (url) => url.searchParams.set('code', 'of-somebody-else')],
  ['a no', 200, (url) => (url.searchParams.delete('code'), url.searchParams.set('error', 'access_denied'))],
])('a callback with %s: a clear page, and nobody is signed in', async (_name, status, spoil) => {
  const { stage } = await openServer()
  const { browser, address } = await caughtCallback(stage.origin)
  const cookie = browser.cookiesOf(stage.origin)
  const url = new URL(address)
  spoil(url)
  const { response } = await browser.visit(url.href)
  expect(response.status).toBe(status)
  expect(await response.text()).not.toMatch(/never-issued|evil\.example|somebody-else|xxxx/)
  expect(browser.cookiesOf(stage.origin)).toBe(cookie)
  const { response: told } = await browser.visit(`${stage.origin}/api/me`)
  expect(await told.json()).toMatchObject({ principal: { kind: 'anonymous' } })
})

test.each(['//evil.example', '/\\evil.example', '/\t/evil.example', 'javascript:alert(1)', 'https://evil.example/', '/auth/sign-in'])(
  'back to %j leads nowhere',
  async (path) => {
    const { stage } = await openServer()
    const response = await fetch(`${stage.origin}/auth/sign-in?return=${encodeURIComponent(path)}`, { redirect: 'manual' })
    expect([response.status, response.headers.get('location'), response.headers.get('set-cookie')]).toEqual([400, null, null])
  },
)

test('back to a page of the chat leads there, with its query', async () => {
  const { stage, person } = await openChat()
  await person.page.goto(`${stage.origin}/auth/sign-in?return=${encodeURIComponent('/?theme=dark')}`)
  await signIn(person.page)
  await person.page.waitForURL(`${stage.origin}/?theme=dark`)
})

test('who must sign in gets the chat, but nothing is run before', async () => {
  const stage = await openStage({ frontEnd: { sign_in: { provider: 'demo', required: true } } })
  const { store } = await stage.serve()
  const person = await stage.person()
  await person.page.goto(stage.origin)
  const host = new URL(stage.provider.issuer).host
  expect(await me(person, stage.origin)).toMatchObject({ principal: { kind: 'anonymous' }, signIn: { host, required: true } })
  const refusal = await person.page.evaluate(sayAtOnce)
  expect(JSON.parse(refusal)).toMatchObject({ type: 'error_message', content: { code: 'user_auth_error' } })
  expect((await signInRows(store)).runs).toEqual([])
  await signInToServer(person, stage.origin)
  await person.ask()
  await signIn(await openConsent(person))
  await person.hears(ADA)
})

test('a session that a browser brings along, or names in the address, is not taken', async () => {
  const { stage } = await openServer()
  const name = `countersign-${new URL(stage.origin).port}-session`
  const response = await fetch(`${stage.origin}/api/me?session=chosen`, { headers: { cookie: `${name}=chosen.signature` } })
  expect(response.headers.get('set-cookie')).toMatch(new RegExp(`^${name}=(?!chosen)`))
})

test('without an entry for it there is no sign-in to the server', async () => {
  const stage = await openStage()
  await stage.serve()
  expect((await fetch(`${stage.origin}/auth/sign-in`)).status).toBe(404)
  expect(await (await fetch(`${stage.origin}/api/me`)).json()).not.toHaveProperty('signIn')
})

test('what the sign-in asks for is the identity and nothing else, whatever the tools need', async () => {
  const { stage } = await openServer({ scopes: ['openid', 'email', 'offline_access'] })
  const { next } = await new PlainBrowser().step(`${stage.origin}/auth/sign-in`)
  const asked = new URL(next ?? '').searchParams
  expect([asked.get('scope'), asked.get('code_challenge_method'), asked.get('prompt')]).toEqual(['email openid', 'S256', null])
})

/** A browser that leaves for the sign-in and agrees, and the address to which it is sent back; it has not gone there yet. */
async function caughtCallback(origin: string): Promise<{ readonly browser: PlainBrowser; readonly address: string }> {
  const browser = new PlainBrowser()
  const { url: asked } = await browser.visit(`${origin}/auth/sign-in`)
  const { url: toAllow } = await browser.visit(asked.href, { login: ADA })
  let { next } = await browser.step(toAllow.href, { decision: 'allow' })
  while (next !== undefined && new URL(next).pathname !== '/auth/redirect') next = (await browser.step(next)).next
  if (next === undefined) throw new Error('the provider does not send the browser back')
  return { browser, address: next }
}

async function openServer(options: { scopes?: readonly string[] } = {}) {
  const stage = await openStage({ ...withSignIn, ...options })
  return { stage, store: (await stage.serve()).store }
}

async function openChat() {
  const { stage, store } = await openServer()
  const person = await stage.person()
  await person.openChat()
  return { stage, store, person }
}

async function askAndOpen(person: Person): Promise<Page> {
  await person.ask()
  return openConsent(person)
}

/** Opens the card's window, at a provider that has forgotten the person. */
async function openConsent(person: Person): Promise<Page> {
  await person.context.clearCookies({ name: /^demo_provider/ })
  return person.openPopup()
}

/** Runs in the page: says something over a socket of its own. @returns what is answered */
function sayAtOnce(): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/websocket?conversation_id=c1`, 'countersign.v1')
    const content = { messages: [{ role: 'user', content: [{ type: 'text', text: 'Who am I?' }] }] }
    const message = { type: 'user_message', schema_type: 'chat_stream', id: 'm1', conversation_id: 'c1', content }
    socket.addEventListener('open', () => socket.send(JSON.stringify(message)))
    socket.addEventListener('message', ({ data }) => {
      if (String(data).includes('error_message')) resolve(String(data))
    })
  })
}
