import { expect, test } from 'vitest'
import { ADA, type Person, catchCallback, sayName, signIn } from './person.ts'
import { auditRecords, signInRows } from './rows.ts'
import { theatre } from './stage.ts'

const openStage = theatre()

test('a consent link in another browser: a page that says no, no way to the provider, and the owner finishes', async () => {
  const { stage, person, store } = await openChat()
  await person.ask()
  const address = await person.startUrl()
  const before = await signInRows(store)
  for (const withSession of [false, true]) {
    const stranger = await stage.person()
    if (withSession) await stranger.openChat()
    const response = await stranger.page.goto(address)
    expect([response?.status(), stranger.page.url()]).toEqual([403, address])
    await stranger.page.getByRole('heading', { name: 'This sign-in is not for this browser' }).waitFor()
  }
  expect(await signInRows(store)).toEqual(before)
  await signIn(await person.openPopup())
  await person.hears(ADA)
})

test("a victim who opens an attacker's callback: a page that says no, no token request, and the flow waits on for its owner", async () => {
  const { stage, person: attacker, store } = await openChat()
  const address = await caughtCallback(attacker)
  const before = await signInRows(store)
  const victim = await stage.person()
  await victim.openChat()
  // In the middle of a sign-in of their own: a flow cookie is not the flow cookie.
  const popup = await victim.askAndOpen()
  const mine = await signInRows(store)
  const page = await victim.context.newPage()
  expect((await page.goto(address))?.status()).toBe(403)
  await page.getByRole('heading', { name: 'This sign-in belongs to another browser' }).waitFor()
  expect(await signInRows(store)).toEqual(mine)
  expect(mine.authorizations[0]).toEqual(before.authorizations[0])
  expect(stage.provider.tokenRequests()).toBe(0)
  expect(await auditRecords(store, 'callback-refused')).toMatchObject([{ why: 'other_browser' }])
  await (await attacker.context.newPage()).goto(address)
  await attacker.hears(ADA)
  await signIn(popup, 'Grace Hopper')
  await victim.hears('Grace Hopper')
  expect(await victim.answers(ADA).count()).toBe(0)
})

test("an attacker's code with the victim's own state: the verifier does not fit, and nobody is signed in", async () => {
  const { stage, person: attacker } = await openChat()
  const theirs = new URL(await caughtCallback(attacker))
  const victim = await stage.person()
  await victim.openChat()
  const mine = new URL(await caughtCallback(victim))
  mine.searchParams.set('code', theirs.searchParams.get('code') ?? '')
  const page = await victim.context.newPage()
  expect((await page.goto(mine.href))?.status()).toBe(502)
  await victim.hears('did not accept the sign-in')
  expect(await victim.answers(ADA).count()).toBe(0)
})

test('a callback that comes a second time, also at once in two tabs: already completed, and one token request', async () => {
  const { stage, person, store } = await openChat()
  const address = await caughtCallback(person)
  const tabs = await Promise.all([person.context.newPage(), person.context.newPage()])
  const responses = await Promise.all(tabs.map((tab) => tab.goto(address)))
  expect(new Set(responses.map((response) => response?.status()))).toEqual(new Set([200, 409]))
  await person.hears(ADA)
  const before = await settledRows(store)
  const late = await person.context.newPage()
  expect((await late.goto(address))?.status()).toBe(409)
  await late.getByRole('heading', { name: 'This sign-in was already completed' }).waitFor()
  expect(await signInRows(store)).toEqual(before)
  expect(stage.provider.tokenRequests()).toBe(1)
})

const wrongCallbacks: Readonly<Record<string, readonly [number, (url: URL) => void]>> = {
  'an unknown state': [400, (url) => url.searchParams.set('state', 'never-issued')],
  'no state': [400, (url) => url.searchParams.delete('state')],
  'two states': [400, (url) => url.searchParams.append('state', url.searchParams.get('state') ?? '')],
  'an endless state': [400, (url) => url.searchParams.set('state', 'x'.repeat(8_000))],
  'the name of another server': [400, (url) => url.searchParams.set('iss', 'https://evil.example')],
  'no name of the server': [400, (url) => url.searchParams.delete('iss')],
  'neither code nor error': [400, (url) => url.searchParams.delete('code')],
}

test.each(Object.entries(wrongCallbacks))(
  'a callback with %s: a clear page, nothing changed, and its owner still finishes',
  async (_name, [status, spoil]) => {
    const { stage, person, store } = await openChat()
    const address = await caughtCallback(person)
    const before = await signInRows(store)
    const wrong = new URL(address)
    spoil(wrong)
    const page = await person.context.newPage()
    expect((await page.goto(wrong.href))?.status()).toBe(status)
    expect(await page.getByRole('heading').innerText()).toMatch(/not known|not the answer/)
    expect(await page.content()).not.toMatch(/never-issued|evil\.example|xxxx/)
    expect(await signInRows(store)).toEqual(before)
    expect(stage.provider.tokenRequests()).toBe(0)
    await page.goto(address)
    await person.hears(ADA)
    expect(stage.provider.tokenRequests()).toBe(1)
  },
)

test('a browser that lost its flow cookie: a clear page, nothing changed, and with the cookie it finishes', async () => {
  const { stage, person, store } = await openChat()
  const address = await caughtCallback(person)
  const before = await signInRows(store)
  const cookies = await person.context.cookies()
  await person.context.clearCookies({ name: /-flow-/ })
  const page = await person.context.newPage()
  expect((await page.goto(address))?.status()).toBe(403)
  await page.getByRole('heading', { name: 'This sign-in belongs to another browser' }).waitFor()
  expect(await signInRows(store)).toEqual(before)
  expect(stage.provider.tokenRequests()).toBe(0)
  await person.context.addCookies(cookies)
  await page.goto(address)
  await person.hears(ADA)
})

test('a browser that lost its flow cookie opens the sign-in again from its chat, and finishes', async () => {
  const { stage, person } = await openChat()
  const popup = await person.askAndOpen()
  await sayName(popup)
  await person.context.clearCookies({ name: /-flow-/ })
  await popup.close()
  const again = await person.openPopup('Open it again')
  await again.getByRole('button', { name: 'Allow' }).click()
  await person.hears(ADA)
  expect(stage.provider.tokenRequests()).toBe(1)
})

test('a deadline that has passed counts also before anybody has looked: the late callback changes nothing', async () => {
  const { stage, person, store } = await openChat()
  const address = await caughtCallback(person)
  await store.transact('pass', (transaction) => transaction.update('authorizations', {}, { expiresAt: 1 }))
  const before = await signInRows(store)
  const page = await person.context.newPage()
  expect((await page.goto(address))?.status()).toBe(410)
  await page.getByRole('heading', { name: 'This sign-in is over' }).waitFor()
  expect(await signInRows(store)).toEqual(before)
  expect(stage.provider.tokenRequests()).toBe(0)
})

async function openChat() {
  const stage = await openStage()
  const { store } = await stage.serve()
  const person = await stage.person()
  await person.openChat()
  return { stage, person, store }
}

async function caughtCallback(person: Person): Promise<string> {
  return catchCallback(await person.askAndOpen())
}

/** The rows, once the run has written its last. */
async function settledRows(store: Parameters<typeof signInRows>[0]) {
  await expect.poll(async () => (await signInRows(store)).runs.every(({ endedAt }) => endedAt !== null)).toBe(true)
  return signInRows(store)
}
