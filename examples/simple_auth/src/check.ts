import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright'
import { startBoth } from './start-both.ts'

const QUESTION = 'Who am I logged in as?'
const NAME = 'Ada Lovelace'

/** Plays the person in a real browser against the real servers, asserts the story, and prints the answer last. @returns the exit code */
export async function check(): Promise<number> {
  // These belong to the repository's tools, outside of what is compiled here.
  const browsers = (await import(new URL('../../../tools/chromium.mjs', import.meta.url).href)) as {
    findChromium(): string | undefined
    chromiumArgs: readonly string[]
  }
  const ports = (await import(new URL('../../../tools/free-port.mjs', import.meta.url).href)) as { freePort(): Promise<number> }
  const executablePath = browsers.findChromium()
  if (executablePath === undefined) throw new Error('no Chromium was found; "node tools/bootstrap.mjs --chromium" installs one')
  const folder = mkdtempSync(join(tmpdir(), 'simple-auth-'))
  const [providerPort, port] = [await ports.freePort(), await ports.freePort()]
  const issuer = `http://127.0.0.1:${providerPort}`
  const overrides = [
    { path: 'general.front_end.port', value: String(port) },
    { path: 'store.url', value: `sqlite:${join(folder, 'countersign.db')}` },
    { path: 'authentication.test_auth_provider.issuer', value: issuer },
    { path: 'functions.who_am_i_function.api_url', value: `${issuer}/api/me` },
  ]
  const both = await startBoth({ providerPort, overrides, redirectUris: [`http://localhost:${port}/auth/redirect`] })
  const browser = await chromium.launch({ executablePath, args: [...browsers.chromiumArgs] })
  try {
    const page = await browser.newPage()
    await page.goto(both.server.publicOrigin)
    process.stdout.write(`chat open at ${both.server.publicOrigin}\n`)
    await ask(page)
    const [popup] = await Promise.all([page.waitForEvent('popup'), page.getByRole('button', { name: /^Sign in at/ }).click()])
    await popup.fill('input[name="login"]', NAME)
    await popup.getByRole('button', { name: 'Sign in' }).click()
    await popup.getByRole('button', { name: 'Allow' }).click()
    const answer = page.locator('countersign-markdown').getByText(NAME)
    await answer.first().waitFor()
    process.stdout.write('signed in, and the answer is there\n')
    await ask(page)
    await answer.nth(1).waitFor()
    process.stdout.write('asked again: no new sign-in\n')
    if (both.provider.tokenRequests() !== 1)
      throw new Error(`expected one token request, the provider counted ${both.provider.tokenRequests()}`)
    process.stdout.write(`${(await answer.nth(1).innerText()).trim()}\n`)
    return 0
  } finally {
    await browser.close()
    await both.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function ask(page: Page): Promise<void> {
  await page.getByRole('textbox').fill(QUESTION)
  await page.keyboard.press('Enter')
}
