import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { QUESTION } from '../../examples/headless_hr/src/question.ts'
import { chromiumArgs, findChromium } from '../../tools/chromium.mjs'
import { openStory } from '../headless_hr/hr-story.ts'

let browser: Browser
beforeAll(async () => {
  const executablePath = findChromium()
  browser = await chromium.launch({ args: [...chromiumArgs], ...(executablePath !== undefined && { executablePath }) })
})
afterAll(() => browser.close())

test('John sees on his phone who asks for what, approves, and sees that he did; the client gets the answer', async () => {
  const { staff0, ask } = await openStory()
  const page = await openPage()
  await signInOnPhone(page, staff0.provider.issuer, 'John Doe')
  await page.getByText('Nothing is waiting for you').waitFor()
  const asking = ask(QUESTION)
  const request = page.locator('.request')
  await request.waitFor()
  expect(await request.innerText()).toMatch(/Staff0 HR Agent asks you[^]*Read your employment record/)
  expect(await request.locator('.binding').innerText()).toBe('Approve sharing your employment details with an external party.')
  await request.getByRole('button', { name: 'Approve' }).click()
  await page.getByText('Approved', { exact: true }).waitFor()
  expect(await asking).toMatchObject({ state: 'completed', text: 'Yes, John Doe is an active employee.' })
})

test('John takes the record out of what he approves: the client gets no answer', async () => {
  const { staff0, ask } = await openStory()
  const page = await openPage()
  await signInOnPhone(page, staff0.provider.issuer, 'jdoe@staff0.com')
  const asking = ask(QUESTION)
  await page.getByRole('checkbox', { name: 'Read your employment record' }).uncheck()
  await page.getByRole('button', { name: 'Approve' }).click()
  await page.getByText('Approved in part').waitFor()
  const outcome = await asking
  expect(outcome).toMatchObject({ state: 'failed', code: 'insufficient_scope' })
  expect(outcome.text).not.toMatch(/active employee/)
})

test('the example plays itself: the agent is killed while the phone rings, and the approval afterwards completes the task', async () => {
  const main = fileURLToPath(new URL('../../examples/headless_hr/dist/main.js', import.meta.url))
  const child = spawn(process.execPath, [main, '--check'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  const lines = said.trim().split('\n')
  expect(lines).toContain('the agent was killed while the phone rang; it is started again')
  expect(lines.at(-1)).toBe('Yes, John Doe is an active employee.')
  expect(code).toBe(0)
})

async function signInOnPhone(page: Page, issuer: string, login: string): Promise<void> {
  await page.goto(`${issuer}/phone`)
  await page.fill('input[name="login"]', login)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** A window of its own, without anybody's cookies. */
async function openPage(): Promise<Page> {
  const context = await browser.newContext()
  onTestFinished(() => context.close())
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  return page
}
