import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type DemoProvider, HEADLESS_CLIENTS, startDemoProvider } from '@countersign/demo-provider'
import type axe from 'axe-core'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright'
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest'
import { chromiumArgs, findChromium } from '../../tools/chromium.mjs'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
const PAYMENT = { type: 'payment_initiation', instructedAmount: { currency: 'EUR', amount: '123.50' }, creditorName: 'Merchant A' }

let browser: Browser
let provider: DemoProvider
beforeAll(async () => {
  const executablePath = findChromium()
  browser = await chromium.launch({ args: [...chromiumArgs], ...(executablePath !== undefined && { executablePath }) })
  provider = await startDemoProvider({ port: 0, pollIntervalSeconds: 0.05 })
})
afterEach(() => provider.forget())
afterAll(async () => {
  await browser.close()
  await provider.stop()
})

test('a request shows by itself, keeps what was chosen when another comes, and only the chosen part is given', async () => {
  const { page, complaints } = await adasPhone()
  await page.getByText('Nothing is waiting for you').waitFor()
  const first = await ask({ scope: 'openid email read:reports', binding_message: 'First K7-QX' })
  const card = page.getByRole('article').filter({ hasText: 'First K7-QX' })
  await card.getByRole('checkbox', { name: 'email address' }).uncheck()
  await ask({ binding_message: 'Second' })
  await page.getByText('Second').waitFor()
  expect(await card.getByRole('checkbox', { name: 'email address' }).isChecked()).toBe(false)
  expect(await page.title()).toMatch(/^\(2\) Phone/)
  await card.getByRole('button', { name: 'Approve' }).click()
  await page.getByText('Approved in part').waitFor()
  expect(await poll(first)).toMatchObject({ scope: 'read:reports' })
  expect(complaints).toEqual([])
})

test('a request that nobody answers says that it expired, without a reload', async () => {
  const { page } = await adasPhone()
  await ask({ binding_message: 'Too late', requested_expiry: '2' })
  const loaded = await page.evaluate(() => performance.timeOrigin)
  await page.getByRole('listitem').filter({ hasText: 'Too late' }).filter({ hasText: 'Expired' }).waitFor()
  expect(await page.getByRole('article').count()).toBe(0)
  expect(await page.evaluate(() => performance.timeOrigin)).toBe(loaded)
})

test('a request that is decided in another window leaves this one', async () => {
  const [one, other] = [await adasPhone(), await adasPhone()]
  const id = await ask({ binding_message: 'Twice' })
  await one.page.getByText('Twice').waitFor()
  await other.page.getByRole('button', { name: 'Deny' }).click()
  await one.page.getByRole('listitem').filter({ hasText: 'Denied' }).waitFor()
  expect(await one.page.getByRole('article').count()).toBe(0)
  expect(await poll(id)).toMatchObject({ error: 'access_denied' })
})

test('without scripts the phone works by looking again', async () => {
  const { page } = await adasPhone({ javaScriptEnabled: false })
  const id = await ask({ binding_message: 'No script' })
  await page.getByRole('link', { name: 'Look again' }).click()
  await page.getByRole('button', { name: 'Approve' }).click()
  await page.getByText('Approved:').waitFor()
  expect(await poll(id)).toMatchObject({ token_type: 'Bearer' })
})

test.each([
  ['light', { width: 320, height: 640 }],
  ['dark', { width: 1280, height: 800 }],
] as const)('the phone and the device page, %s at %o: axe finds nothing and nothing is too wide', async (colorScheme, viewport) => {
  const { page, complaints } = await adasPhone({ colorScheme, viewport })
  await ask({ scope: 'openid write:reports', binding_message: 'Pay 123.50', authorization_details: JSON.stringify([PAYMENT]) })
  await page.getByText('Make a payment').waitFor()
  expect(await problems(page)).toEqual([])
  await page.getByRole('button', { name: 'Deny' }).click()
  await page.getByText('Denied').waitFor()
  expect(await problems(page)).toEqual([])
  const { verification_uri_complete: link } = await post('/oauth/device', {
    client_id: HEADLESS_CLIENTS.terminal.clientId,
    scope: 'openid',
  })
  await page.goto(`${provider.url}/device`)
  expect(await problems(page)).toEqual([])
  await page.goto(String(link))
  await page.getByText('Only if you started this.').waitFor()
  expect(await problems(page)).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width)
  expect(complaints).toEqual([])
})

/** Ada's phone in a window of its own, and what its console complains of. */
async function adasPhone(options: BrowserContextOptions = {}) {
  const context = await browser.newContext(options)
  onTestFinished(() => context.close())
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())))
  page.on('pageerror', (error) => void complaints.push(error.message))
  await page.goto(`${provider.url}/phone`)
  await page.getByLabel('Your name').fill('Ada Lovelace')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: "Ada Lovelace's phone" }).waitFor()
  return { page, complaints }
}

/** An app asks Ada; what it may poll with. */
async function ask(parameters: Readonly<Record<string, string>>): Promise<string> {
  const resource = `${provider.url}/api/reports`
  const answer = await post('/oauth/bc-authorize', { scope: 'openid', resource, login_hint: 'ada-lovelace', ...parameters })
  return String(answer['auth_req_id'])
}

function poll(id: string) {
  return post('/oauth/token', { grant_type: 'urn:openid:params:grant-type:ciba', auth_req_id: id })
}

async function post(path: string, parameters: Readonly<Record<string, string>>): Promise<Readonly<Record<string, unknown>>> {
  const { clientId, clientSecret } = HEADLESS_CLIENTS.ciba
  const authorization = `Basic ${btoa(`${clientId}:${clientSecret}`)}`
  const headers = parameters['client_id'] === undefined ? { authorization } : {}
  const response = await fetch(`${provider.url}${path}`, { method: 'POST', headers, body: new URLSearchParams(parameters) })
  return (await response.json()) as Readonly<Record<string, unknown>>
}

/** What axe finds on a page: the rule, and where. */
async function problems(page: Page): Promise<string[]> {
  // By the debugger, which the page's policy does not bind.
  await page.evaluate(axeSource)
  return page.evaluate(async (rules) => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run(document, { runOnly: rules })
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
  }, RULES)
}
