import type { Me } from '@countersign/core/protocol'
import { PlainBrowser } from '../e2e/plain-browser.ts'

/** A browser with the chat's account panel: it can ask for what that asks. */
export class AccountBrowser {
  readonly browser = new PlainBrowser()
  readonly #origin: string

  constructor(origin: string) {
    this.#origin = origin
  }

  get cookie(): string {
    return this.browser.cookiesOf(this.#origin)
  }

  /** Who the browser is to the server; the first time, it gets a session. */
  async me(): Promise<Me> {
    const { response } = await this.browser.visit(`${this.#origin}/api/me`)
    // The boundary: what our server sent; the tests assert its shape.
    return (await response.json()) as Me
  }

  async post(path: string): Promise<unknown> {
    const headers = { 'content-type': 'application/json', 'x-countersign': '1', origin: this.#origin, cookie: this.cookie }
    const response = await fetch(`${this.#origin}${path}`, { method: 'POST', headers, body: '{}' })
    return response.json()
  }

  /** Signs in at the provider, as far as the address to which that sends the browser back; nobody has gone there yet. */
  async toCallback(startUrl: string, name = 'Ada Lovelace'): Promise<string> {
    const { url: asked } = await this.browser.visit(startUrl)
    const { url: toAllow } = await this.browser.visit(asked.href, { login: name })
    let { next } = await this.browser.step(toAllow.href, { decision: 'allow' })
    while (next !== undefined && !next.startsWith(`${this.#origin}/auth/redirect`)) ({ next } = await this.browser.step(next))
    if (next === undefined) throw new Error('the provider does not send the browser back')
    return next
  }
}
