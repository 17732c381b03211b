import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SessionList } from '@countersign/core/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { closeCode, me, post, sessionCookie, signInToServer, withSignIn } from './account.ts'
import { ADA, type Person, signIn } from './person.ts'
import { auditRecords, signInRows } from './rows.ts'
import { type Stage, type StageOptions, theatre } from './stage.ts'

const openStage = theatre()

test('a person disconnects: the provider is told, the credential is gone, and the next question asks again', async () => {
  const { stage, person, store, revocations } = await openConnected()
  const { connections } = await me(person, stage.origin)
  const [connection] = connections
  expect(connection).toMatchObject({ provider: 'demo', host: new URL(stage.provider.issuer).host, connectedAt: expect.any(Number) })
  const [row] = (await signInRows(store)).credentials
  expect(JSON.stringify(connections)).not.toContain(row?.key)
  const answer = await post(person, `${stage.origin}/api/connections/${connection?.id}/disconnect`)
  expect([answer.status(), answer.headers()['cache-control'], await answer.json()]).toEqual([200, 'no-store', { revoked: true }])
  expect(revocations()).toBe(1)
  expect((await signInRows(store)).credentials).toEqual([])
  expect((await me(person, stage.origin)).connections).toEqual([])
  expect(await auditRecords(store, 'disconnect')).toMatchObject([{ provider: 'demo' }])
  expect(await auditRecords(store, 'revocation')).toMatchObject([{ provider: 'demo', isRevoked: true }])
  await person.ask()
  await person.card.waitFor()
})

test('a provider that does not take the revocation: disconnected here all the same, and told so', async () => {
  const { stage, person, store } = await openConnected({
    intercept: (request, response) => {
      if (request.url !== '/oauth/revoke') return false
      response.writeHead(503).end()
      return true
    },
  })
  const [connection] = (await me(person, stage.origin)).connections
  const answer = await post(person, `${stage.origin}/api/connections/${connection?.id}/disconnect`)
  expect([answer.status(), await answer.json()]).toEqual([200, { revoked: false }])
  expect((await signInRows(store)).credentials).toEqual([])
  expect(await auditRecords(store, 'revocation')).toMatchObject([{ isRevoked: false }])
})

test('a person sees where they are signed in, and ends another session: its socket closes, its question and its cookie are gone', async () => {
  const { stage, store } = await openServer()
  const [person, phone] = [await openUser(stage), await openUser(stage)]
  await phone.ask()
  await phone.card.waitFor()
  const code = closeCode(phone)
  await phone.page.locator('[data-socket=open]').waitFor({ state: 'attached' })
  const cookie = await sessionCookie(phone.context)
  const { sessions } = await sessionsOf(person, stage)
  expect(sessions.map(({ isCurrent, browser }) => [isCurrent, browser])).toEqual([
    [false, expect.stringMatching(/^Chrome on \w+$/)],
    [true, expect.stringMatching(/^Chrome on \w+$/)],
  ])
  const other = sessions.find(({ isCurrent }) => !isCurrent)
  expect(other?.lastSeenAt).toBeGreaterThanOrEqual(other?.createdAt ?? 0)
  const answer = await post(person, `${stage.origin}/api/sessions/${other?.id}/end`)
  expect([answer.status(), await answer.json()]).toEqual([200, { ended: 1 }])
  expect(await code).toBe(4401)
  await expect.poll(async () => (await signInRows(store)).runs.map(({ state }) => state)).toEqual(['cancelled'])
  expect((await signInRows(store)).interactions).toMatchObject([{ state: 'cancelled' }])
  expect(await whoIs(stage, cookie)).toMatchObject({ kind: 'anonymous' })
  expect((await me(person, stage.origin)).principal.kind).toBe('user')
  expect((await sessionsOf(person, stage)).sessions).toHaveLength(1)
})

test('a sign-out in one tab: the socket of the other closes within a second, the session is dead, what was connected is revoked', async () => {
  const { stage, person, store, revocations } = await openConnected({}, openUser)
  await person.context.clearCookies({ name: /^demo_provider/ })
  const code = closeCode(person)
  await person.page.locator('[data-socket=open]').waitFor({ state: 'attached' })
  const cookie = await sessionCookie(person.context)
  const before = Date.now()
  const answer = await post(person, `${stage.origin}/api/sign-out`)
  expect([answer.status(), await answer.json()]).toEqual([200, { ended: 1 }])
  expect(await code).toBe(4401)
  expect(Date.now() - before).toBeLessThan(1_000)
  expect(await whoIs(stage, cookie)).toMatchObject({ kind: 'anonymous' })
  expect((await me(person, stage.origin)).principal.kind).toBe('anonymous')
  expect((await signInRows(store)).credentials).toEqual([])
  await expect.poll(revocations).toBe(1)
})

test('a sign-out keeps what is connected while the person is signed in elsewhere; a sign-out everywhere keeps nothing', async () => {
  const { stage, person, store, revocations } = await openConnected({}, openUser)
  const [phone, tablet] = [await openUser(stage), await openUser(stage)]
  await post(tablet, `${stage.origin}/api/sign-out`, { everywhere: false })
  expect((await signInRows(store)).credentials).toHaveLength(1)
  const answer = await post(phone, `${stage.origin}/api/sign-out`, { everywhere: true })
  expect(await answer.json()).toEqual({ ended: 2 })
  expect((await signInRows(store)).credentials).toEqual([])
  for (const each of [person, phone, tablet]) expect((await me(each, stage.origin)).principal.kind).toBe('anonymous')
  await expect.poll(revocations).toBe(1)
})

test('an anonymous browser that leaves takes its question and what it is connected to with it', async () => {
  const { stage, person, store, revocations } = await openConnected()
  expect((await sessionsOf(person, stage)).sessions).toMatchObject([{ isCurrent: true }])
  await post(person, `${stage.origin}/api/sign-out`)
  expect((await signInRows(store)).credentials).toEqual([])
  await expect.poll(revocations).toBe(1)
})

test('whoever signs in as somebody else in a browser is not the person of before: their question ends with their session', async () => {
  const { stage, store } = await openServer()
  const person = await openUser(stage)
  await person.ask()
  await person.card.waitFor()
  await person.context.clearCookies({ name: /^demo_provider/ })
  await signInToServer(person, stage.origin, 'Grace Hopper')
  expect((await me(person, stage.origin)).principal.name).toBe('Grace Hopper')
  await expect.poll(async () => (await signInRows(store)).runs.map(({ state }) => state)).toEqual(['cancelled'])
  expect(await person.card.count()).toBe(0)
})

test('connections and sessions of others are not there, as if they did not exist', async () => {
  const { stage, person, store } = await openConnected()
  const [connection] = (await me(person, stage.origin)).connections
  const [session] = (await sessionsOf(person, stage)).sessions
  const mallory = await openUser(stage, 'Mallory')
  const before = await signInRows(store)
  const ids = [connection?.id, 'unknown', `${connection?.id}x`, connection?.id.slice(1), connection?.id.toLowerCase(), '%00', '..%2Fx']
  const answers = [
    ...(await Promise.all(ids.map((id) => post(mallory, `${stage.origin}/api/connections/${id}/disconnect`)))),
    ...(await Promise.all([session?.id, 'unknown', '%00'].map((id) => post(mallory, `${stage.origin}/api/sessions/${id}/end`)))),
  ]
  const bodies = await Promise.all(answers.map((answer) => answer.text()))
  expect(answers.map((answer) => answer.status())).toEqual(answers.map(() => 404))
  expect(new Set(bodies)).toEqual(new Set([JSON.stringify({ error: 'not_found', message: 'There is nothing of this name.' })]))
  expect(await signInRows(store)).toEqual(before)
  expect((await me(person, stage.origin)).connections).toHaveLength(1)
})

const json = { 'content-type': 'application/json', 'x-countersign': '1' }
const forgeries: Readonly<Record<string, readonly [number, (origin: string) => RequestInit]>> = {
  'text/plain': [415, (origin) => ({ headers: { origin, 'x-countersign': '1', 'content-type': 'text/plain' }, body: '{}' })],
  'a form': [415, (origin) => ({ headers: { origin, 'x-countersign': '1' }, body: new URLSearchParams({ everywhere: 'true' }) })],
  'several parts': [415, (origin) => ({ headers: { origin, 'x-countersign': '1' }, body: new FormData() })],
  'no body and no type': [415, (origin) => ({ headers: { origin, 'x-countersign': '1' } })],
  'an empty body': [400, (origin) => ({ headers: { origin, ...json } })],
  'a body that is no JSON': [400, (origin) => ({ headers: { origin, ...json }, body: '{' })],
  'a body of another form': [400, (origin) => ({ headers: { origin, ...json }, body: '{"__proto__":{},"x":1}' })],
  'no header of its own': [403, (origin) => ({ headers: { origin, 'content-type': 'application/json' }, body: '{}' })],
  'no origin': [403, () => ({ headers: json, body: '{}' })],
  'another origin': [403, () => ({ headers: { origin: 'https://evil.example', ...json }, body: '{}' })],
  'another port of this host': [403, () => ({ headers: { origin: 'http://localhost:1', ...json }, body: '{}' })],
  'the origin "null"': [403, () => ({ headers: { origin: 'null', ...json }, body: '{}' })],
  "another site's word": [403, (origin) => ({ headers: { origin, 'sec-fetch-site': 'cross-site', ...json }, body: '{}' })],
}

test.each(Object.entries(forgeries))('a request with %s ends nothing', async (_name, [status, forge]) => {
  const { stage, store } = await openServer()
  const { name, value } = await plainSession(stage)
  const before = await whoIs(stage, { name, value })
  const paths = ['/api/sign-out', '/api/sessions/of-mine/end', '/api/connections/of-mine/disconnect']
  for (const path of paths) {
    const { headers, body } = forge(stage.origin)
    const sent = { ...Object.fromEntries(new Headers(headers)), cookie: `${name}=${value}` }
    const response = await fetch(`${stage.origin}${path}`, { method: 'POST', headers: sent, ...(body != null && { body }) })
    expect([path, response.status, response.headers.get('set-cookie')]).toEqual([path, status, null])
  }
  expect(await whoIs(stage, { name, value })).toEqual(before)
  expect(await auditRecords(store, 'sign-out')).toEqual([])
})

test('a page of another site cannot sign anybody out, whatever it tries', async () => {
  const { stage, store } = await openServer()
  const person = await openUser(stage)
  const page = await person.context.newPage()
  await page.goto(await foreignPage())
  await page.evaluate(tryToSignOut, `${stage.origin}/api/sign-out`)
  await page.getByRole('heading', { name: 'came back' }).waitFor()
  expect(await auditRecords(store, 'sign-out')).toEqual([])
  expect((await me(person, stage.origin)).principal.name).toBe(ADA)
})

async function openServer(options: StageOptions = {}) {
  const stage = await openStage({ ...withSignIn, ...options })
  return { stage, store: (await stage.serve()).store }
}

async function openAnonymous(stage: Stage): Promise<Person> {
  const person = await stage.person()
  await person.openChat()
  return person
}

async function openUser(stage: Stage, name = ADA): Promise<Person> {
  const person = await stage.person()
  await signInToServer(person, stage.origin, name)
  return person
}

/** Somebody who has connected the provider, and how often it was asked to revoke. */
async function openConnected(options: StageOptions = {}, open: (stage: Stage) => Promise<Person> = openAnonymous) {
  let count = 0
  const intercept: StageOptions['intercept'] = (request) => {
    if (request.url === '/oauth/revoke') count += 1
    return false
  }
  const { stage, store } = await openServer({ intercept, ...options })
  const person = await open(stage)
  await person.context.clearCookies({ name: /^demo_provider/ })
  await signIn(await person.askAndOpen())
  await person.hears(ADA)
  return { stage, store, person, revocations: () => count }
}

async function sessionsOf(person: Person, stage: Stage): Promise<SessionList> {
  return (await (await person.context.request.get(`${stage.origin}/api/sessions`)).json()) as SessionList
}

async function whoIs(stage: Stage, { name, value }: { name: string; value: string }): Promise<unknown> {
  const response = await fetch(`${stage.origin}/api/me`, { headers: { cookie: `${name}=${value}` } })
  return ((await response.json()) as { principal: unknown }).principal
}

/** A session without a browser. */
async function plainSession(stage: Stage): Promise<{ readonly name: string; readonly value: string }> {
  const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec((await fetch(`${stage.origin}/api/me`)).headers.getSetCookie()[0] ?? '') ?? []
  return { name, value }
}

/** A page on another port of this host: the browser brings our cookies to our server, whoever asks. */
async function foreignPage(): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>somewhere else</h1>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://localhost:${(server.address() as AddressInfo).port}/`
}

/** Runs in the page. */
async function tryToSignOut(address: string): Promise<void> {
  const tries: RequestInit[] = [
    { body: '{}', headers: { 'content-type': 'application/json', 'x-countersign': '1' } },
    { body: '{}', mode: 'no-cors' },
    { body: '{}', mode: 'no-cors', headers: { 'content-type': 'text/plain' } },
    { body: new URLSearchParams({ everywhere: 'true' }), mode: 'no-cors' },
    { mode: 'no-cors' },
  ]
  for (const each of tries) await fetch(address, { method: 'POST', credentials: 'include', ...each }).catch(() => undefined)
  navigator.sendBeacon(address, '{}')
  const frame = Object.assign(document.createElement('iframe'), { name: 'target' })
  const form = Object.assign(document.createElement('form'), { action: address, method: 'POST', enctype: 'text/plain', target: 'target' })
  document.body.append(frame, form)
  await new Promise((resolve) => {
    frame.addEventListener('load', resolve, { once: true })
    form.submit()
  })
  document.body.replaceChildren(Object.assign(document.createElement('h1'), { textContent: 'came back' }))
}
