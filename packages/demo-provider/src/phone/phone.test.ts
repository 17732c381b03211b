import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { HEADLESS_CLIENTS } from '../demo-clients.ts'
import type { DemoClient } from '../demo-clients.ts'
import { startDemoProvider } from '../start-demo-provider.ts'
import type { DemoProvider } from '../start-demo-provider.ts'
import { TestBrowser } from '../testing/test-browser.ts'
import { TestPhone } from '../testing/test-phone.ts'
import { TestService } from '../testing/clients/test-service.ts'

const NASTY: DemoClient = {
  clientId: 'nasty',
  clientSecret: 'nasty-secret',
  name: '<script>alert("client")</script>',
  authentication: 'client_secret_basic',
  grants: ['ciba'],
}

let provider: DemoProvider
beforeAll(async () => {
  provider = await startDemoProvider({ port: 0, pollIntervalSeconds: 0.05, clients: [NASTY] })
})
afterAll(() => provider.stop())
afterEach(() => {
  vi.useRealTimers()
  provider.forget()
})

/** A request that rings at Ada's. */
async function ringing(parameters: Readonly<Record<string, string>> = {}) {
  const client = await TestService.of(provider.issuer, HEADLESS_CLIENTS.ciba)
  const { auth_req_id: id } = await client.ask({ login_hint: 'ada-lovelace', binding_message: 'Ring 7', ...parameters })
  const ada = await TestPhone.of(provider.issuer, 'Ada Lovelace')
  return { client, ada, request: await ada.nextRequest(), poll: () => client.poll(id) }
}

const PENDING = { error: 'authorization_pending' }

test('nobody sees or decides the request of somebody else', async () => {
  const { request, poll } = await ringing()
  const mallory = await TestPhone.of(provider.issuer, 'Mallory')
  expect(await mallory.waiting()).toEqual([])
  const page = await mallory.browser.visit('/phone')
  expect(page.text).not.toContain('Ring 7')
  const answer = await mallory.decide(page, { request: request.id, decision: 'approve', scope: request.scopes })
  expect(answer).toMatchObject({ status: 404, text: expect.stringContaining('There is no such request') })
  await expect(poll()).rejects.toMatchObject(PENDING)
})

test("a form without the session's own token decides nothing", async () => {
  const { ada, request, poll } = await ringing()
  const page = await ada.browser.visit('/phone')
  const mallory = await (await TestPhone.of(provider.issuer, 'Mallory')).browser.visit('/phone')
  const stolen = /name="token" value="([^"]+)"/.exec(mallory.text)?.[1] ?? ''
  for (const token of ['', 'guessed', stolen]) {
    expect((await ada.decide(page, { token, request: request.id, decision: 'approve' })).status).toBe(403)
  }
  await expect(poll()).rejects.toMatchObject(PENDING)
})

test('a form sent by a page of another origin decides nothing, even with the token', async () => {
  const { ada, request, poll } = await ringing()
  const page = await ada.browser.visit('/phone')
  for (const site of ['cross-site', 'same-site', 'none']) {
    const fields = { request: request.id, decision: 'approve' }
    expect((await ada.browser.submit(page, fields, { 'sec-fetch-site': site })).status).toBe(403)
  }
  await expect(poll()).rejects.toMatchObject(PENDING)
})

test('whoever is not signed in decides and hears nothing', async () => {
  const { ada, request, poll } = await ringing()
  const page = await ada.browser.visit('/phone')
  const stranger = new TestBrowser(provider.issuer)
  const body = new URLSearchParams({
    token: /name="token" value="([^"]+)"/.exec(page.text)?.[1] ?? '',
    request: request.id,
    decision: 'approve',
  })
  expect((await stranger.visit('/phone/decide', { method: 'POST', body })).status).toBe(403)
  expect((await stranger.visit('/phone/events')).status).toBe(401)
  expect((await stranger.visit('/phone')).text).toContain('Whose phone is this?')
  await expect(poll()).rejects.toMatchObject(PENDING)
})

test('a request is decided once: of two answers at the same time one counts, and a later one changes nothing', async () => {
  const { ada, request, poll } = await ringing()
  const page = await ada.browser.visit('/phone')
  const decide = async (decision: string) => (await ada.decide(page, { request: request.id, decision, scope: 'openid' })).status
  const statuses = await Promise.all([decide('deny'), decide('approve'), decide('deny')])
  expect(statuses.toSorted((one, other) => one - other)).toEqual([200, 409, 409])
  expect(await decide('approve')).toBe(409)
  const isApproved = (await ada.earlier()).includes('Approved')
  const outcome = await poll().catch((error: unknown) => error)
  expect(outcome).toMatchObject(isApproved ? { token_type: 'bearer' } : { error: 'access_denied' })
})

test('an approval after the expiry has no effect, and the phone says that it expired', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const { ada, request, poll } = await ringing({ requested_expiry: '20' })
  const page = await ada.browser.visit('/phone')
  vi.setSystemTime(Date.now() + 21_000)
  const late = await ada.decide(page, { request: request.id, decision: 'approve', scope: request.scopes })
  expect(late).toMatchObject({ status: 409, text: expect.stringContaining('It is already expired') })
  expect(await ada.waiting()).toEqual([])
  expect(await ada.earlier()).toContain('Expired : Countersign demo (asks on the phone), “Ring 7”')
  await expect(poll()).rejects.toMatchObject({ error: 'expired_token' })
})

test('only the two words decide', async () => {
  const { ada, request, poll } = await ringing()
  const page = await ada.browser.visit('/phone')
  for (const decision of ['', 'yes', 'Approve', 'allow'])
    expect((await ada.decide(page, { request: request.id, decision })).status).toBe(400)
  await expect(poll()).rejects.toMatchObject(PENDING)
})

test('markup in a message and in a name of an app is shown as what was typed', async () => {
  const client = await TestService.of(provider.issuer, NASTY)
  await client.ask({ login_hint: 'ada-lovelace', binding_message: '<img src=x onerror=alert(1)>' })
  const ada = await TestPhone.of(provider.issuer, 'Ada Lovelace')
  const { text } = await ada.browser.visit('/phone')
  expect(text).not.toMatch(/<img|<script>/)
  expect(await ada.nextRequest()).toMatchObject({ bindingMessage: '<img src=x onerror=alert(1)>', clientName: NASTY.name })
})

test('a card holds the message, the app, each scope in words, what cannot be left out, and the time left', async () => {
  const resource = `${provider.issuer}/api/reports`
  const { ada, request } = await ringing({ scope: 'openid email write:reports', resource })
  for (const words of ['Ring 7', HEADLESS_CLIENTS.ciba.name, 'See your email address', 'Write and change reports', 'Expires in 5:00'])
    expect(request.text).toContain(words)
  expect((await ada.browser.visit('/phone')).text).toMatch(/value="openid" checked disabled/)
})

test('the page may run its own script and no other, and says how to go on without one', async () => {
  const { ada } = await ringing()
  const page = await ada.browser.visit('/phone')
  expect(page.headers.get('content-security-policy')).toBe(
    `default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  )
  expect(page.text.match(/<script[^>]*>/g)).toEqual(['<script src="/phone.js" defer>'])
  expect(page.text).toContain('<noscript>')
})

test('signing out ends the session, and its cookie is worth nothing afterwards', async () => {
  const cookie = await cookieOf('Ada Lovelace')
  expect(cookie).toMatch(/^demo_provider_\d+_phone=[\w-]{43}$/)
  const phone = async () => (await fetch(`${provider.url}/phone`, { headers: { cookie } })).text()
  const page = await phone()
  expect(page).toContain('<h1>Ada Lovelace')
  const signOut = (token: string) =>
    fetch(`${provider.url}/phone/sign-out`, {
      method: 'POST',
      headers: { cookie },
      body: new URLSearchParams({ token }),
      redirect: 'manual',
    })
  expect((await signOut('guessed')).status).toBe(403)
  expect((await signOut(/name="token" value="([^"]+)"/.exec(page)?.[1] ?? '')).status).toBe(303)
  expect(await phone()).toContain('Whose phone is this?')
})

/** The cookie of a fresh session, as a thief would have it. */
async function cookieOf(login: string): Promise<string> {
  const body = new URLSearchParams({ login })
  const response = await fetch(`${provider.url}/phone/sign-in`, { method: 'POST', body, redirect: 'manual' })
  const [line = ''] = response.headers.getSetCookie()
  expect(line).toContain('; HttpOnly; SameSite=Lax;')
  return line.split(';', 1)[0] ?? ''
}
