import type { PlainBrowser } from '../e2e/plain-browser.ts'

/** More pages than a sign-in has: somebody is led in a circle. */
const MAX_PAGES = 8

/** Goes through a sign-in at the demo provider and allows everything. Whether it got through, the conversation tells: a server may die on the way. @returns where it ended */
export async function signInWith(browser: PlainBrowser, { startUrl, issuer }: { startUrl: string; issuer: string }): Promise<string> {
  try {
    let { url, response } = await browser.visit(startUrl)
    for (let pages = 0; url.origin === issuer && pages < MAX_PAGES; pages += 1) {
      await response.body?.cancel()
      // The one field is read by the page that asks who it is, the other by the page that asks what is allowed.
      ;({ url, response } = await browser.visit(url.href, { login: 'ada', decision: 'allow' }))
    }
    return `${response.status} at ${url.origin}${url.pathname}: ${headingOf(await response.text())}`
  } catch (error) {
    // No answer: the question stays open, or is asked again.
    return error instanceof Error && error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : String(error)
  }
}

function headingOf(page: string): string {
  return /<h1[^>]*>([^<]*)/.exec(page)?.[1] ?? 'no heading'
}
