import { TestBrowser } from './test-browser.ts'

/** A browser in which a person is signed in at the phone or device page. */
export async function signedInBrowser(
  issuer: string,
  { person, page }: { readonly person: string; readonly page: '/phone' | '/device' },
): Promise<TestBrowser> {
  const browser = new TestBrowser(new URL(issuer).origin)
  const landing = await browser.submit(await browser.visit(page), { login: person })
  if (landing.status !== 200) throw new Error(`"${person}" could not sign in: ${plainText(landing.text)}`)
  return browser
}

/** What a person reads of a piece of a page. */
export function plainText(markup: string): string {
  return markup
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#(\d+);/g, (_entity, code: string) => String.fromCharCode(Number(code)))
    .replace(/\s+/g, ' ')
    .trim()
}
