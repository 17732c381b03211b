import { type Both, checkBoth, tell } from '@countersign/example-stage'
import type { Browser, Page } from 'playwright'
import { workflowFile } from './workflow-file.ts'

const QUESTION = 'Who am I logged in as?'
const NAME = 'Ada Lovelace'

/** Plays the person in a real browser against the real servers, asserts the story, and prints the answer last. @returns the exit code */
export function check(): Promise<number> {
  return checkBoth({
    file: workflowFile,
    play,
    overridesFor: (issuer) => [
      { path: 'authentication.test_auth_provider.issuer', value: issuer },
      { path: 'functions.who_am_i_function.api_url', value: `${issuer}/api/me` },
    ],
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

async function ask(page: Page): Promise<void> {
  await page.getByRole('textbox').fill(QUESTION)
  await page.keyboard.press('Enter')
}
