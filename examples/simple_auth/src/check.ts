import { join } from 'node:path'
import { type Both, type CheckRoom, checkIn, startBoth, tell } from '@countersign/example-stage'
import type { Browser, Page } from 'playwright'
import { workflowFile } from './workflow-file.ts'

const QUESTION = 'Who am I logged in as?'
const NAME = 'Ada Lovelace'

/** Plays the person in a real browser against the real servers, asserts the story, and prints the answer last. @returns the exit code */
export function check(): Promise<number> {
  return checkIn(async (room) => {
    const both = await startElsewhere(room)
    try {
      await play(room.browser, both)
    } finally {
      await both.stop()
    }
  })
}

async function play(browser: Browser, { server, provider }: Both): Promise<void> {
  const page = await browser.newPage()
  await page.goto(server.publicOrigin)
  tell(`chat open at ${server.publicOrigin}`)
  await ask(page)
  const [popup] = await Promise.all([page.waitForEvent('popup'), page.getByRole('button', { name: /^Sign in at/ }).click()])
  await popup.fill('input[name="login"]', NAME)
  await popup.getByRole('button', { name: 'Sign in' }).click()
  await popup.getByRole('button', { name: 'Allow' }).click()
  const answer = page.locator('countersign-markdown').getByText(NAME)
  await answer.first().waitFor()
  tell('signed in, and the answer is there')
  await ask(page)
  await answer.nth(1).waitFor()
  tell('asked again: no new sign-in')
  const requests = provider.tokenRequests()
  if (requests !== 1) throw new Error(`expected one token request, the provider counted ${requests}`)
  tell((await answer.nth(1).innerText()).trim())
}

/** Starts both on free ports with a database of their own. */
async function startElsewhere({ folder, freePort }: CheckRoom): Promise<Both> {
  const [providerPort, port] = [await freePort(), await freePort()]
  const issuer = `http://127.0.0.1:${providerPort}`
  const overrides = [
    { path: 'general.front_end.port', value: String(port) },
    { path: 'store.url', value: `sqlite:${join(folder, 'countersign.db')}` },
    { path: 'authentication.test_auth_provider.issuer', value: issuer },
    { path: 'functions.who_am_i_function.api_url', value: `${issuer}/api/me` },
  ]
  return startBoth({ file: workflowFile, providerPort, overrides, redirectUris: [`http://localhost:${port}/auth/redirect`] })
}

async function ask(page: Page): Promise<void> {
  await page.getByRole('textbox').fill(QUESTION)
  await page.keyboard.press('Enter')
}
