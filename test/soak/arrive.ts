import { setTimeout as pause } from 'node:timers/promises'
import type { PlainBrowser } from '../e2e/plain-browser.ts'

/** How soon a page that did not load is loaded again, milliseconds. */
const RETRY_MS = 20

/** Opens the chat for the first time, as often as it takes: the browser is known from then on. */
export async function arrive(browser: PlainBrowser, origin: string): Promise<void> {
  while (browser.cookiesOf(origin) === '') {
    try {
      const { response } = await browser.visit(`${origin}/api/me`)
      await response.body?.cancel()
    } catch {
      await pause(RETRY_MS)
    }
  }
}
