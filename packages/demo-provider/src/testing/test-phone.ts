import type { Landing, TestBrowser } from './test-browser.ts'
import { plainText, signedInBrowser } from './test-person.ts'

/** A request as a test reads it off somebody's phone, with the two buttons below it. */
export interface RingingRequest {
  readonly id: string
  readonly clientName: string
  readonly bindingMessage: string | undefined
  /** What can be left out or in. */
  readonly scopes: readonly string[]
  /** Everything that stands on the card, as plain text. */
  readonly text: string
  /** Approves all of it, or only these scopes. */
  approve(scopes?: readonly string[]): Promise<void>
  deny(): Promise<void>
}

/** Somebody's phone in a test: the real page over HTTP, without a browser. */
export class TestPhone {
  readonly browser: TestBrowser
  readonly #seen = new Set<string>()

  private constructor(browser: TestBrowser) {
    this.browser = browser
  }

  /** The phone of whoever has this name, user name or e-mail address, signed in. */
  static async of(issuer: string, person: string): Promise<TestPhone> {
    return new TestPhone(await signedInBrowser(issuer, { person, page: '/phone' }))
  }

  /**
   * The next request that this phone has not returned yet; one that already waits counts.
   * @throws Error when none comes in time
   */
  async nextRequest({ withinMs = 15_000 }: { readonly withinMs?: number } = {}): Promise<RingingRequest> {
    const stop = new AbortController()
    const changes = await this.browser.open('/phone/events', AbortSignal.any([stop.signal, AbortSignal.timeout(withinMs)]))
    try {
      for await (const _change of changes) {
        const next = (await this.waiting()).find(({ id }) => !this.#seen.has(id))
        if (next === undefined) continue
        this.#seen.add(next.id)
        return next
      }
    } catch (cause) {
      throw new Error(`the phone did not ring within ${withinMs} ms`, { cause })
    } finally {
      stop.abort()
    }
    throw new Error('the provider ended before the phone rang')
  }

  /** All that waits now, the newest first. */
  async waiting(): Promise<readonly RingingRequest[]> {
    const page = await this.browser.visit('/phone')
    const cards = page.text.matchAll(/<article [^>]*data-request="([^"]+)"[^>]*>([\s\S]*?)<\/article>/g)
    return [...cards].map(([, id = '', card = '']) => this.#requestOf({ id, card, page }))
  }

  /** What stands under "Earlier", as plain text. */
  async earlier(): Promise<string> {
    const { text } = await this.browser.visit('/phone')
    return plainText(/<div id="over">([\s\S]*?)<\/div>/.exec(text)?.[1] ?? '')
  }

  /** Presses a button as the page would; for tests that press one too often, too late, or in somebody else's place. */
  decide(page: Landing, fields: Readonly<Record<string, string | readonly string[]>>): Promise<Landing> {
    const token = /name="token" value="([^"]*)"/.exec(page.text)?.[1] ?? ''
    const pairs = Object.entries({ token, ...fields }).flatMap(([name, values]) =>
      [values].flat().map((value): [string, string] => [name, value]),
    )
    return this.browser.visit('/phone/decide', { method: 'POST', body: new URLSearchParams(pairs) })
  }

  #requestOf({ id, card, page }: { readonly id: string; readonly card: string; readonly page: Landing }): RingingRequest {
    const message = /<p class="binding">([\s\S]*?)<\/p>/.exec(card)?.[1]
    const scopes = [...card.matchAll(/name="scope" value="([^"]+)"/g)].map(([, scope = '']) => scope)
    const decide = async (fields: Readonly<Record<string, string | readonly string[]>>): Promise<void> => {
      const { status, text } = await this.decide(page, { request: id, ...fields })
      if (status !== 200) throw new Error(`the phone refused the decision: ${plainText(text)}`)
    }
    return {
      id,
      clientName: plainText(/<h2>([\s\S]*?) asks you<\/h2>/.exec(card)?.[1] ?? ''),
      bindingMessage: message === undefined ? undefined : plainText(message),
      scopes,
      text: plainText(card),
      approve: (kept = scopes) => decide({ decision: 'approve', scope: kept }),
      deny: () => decide({ decision: 'deny' }),
    }
  }
}
