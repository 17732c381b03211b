import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Log, LogFacts } from '@countersign/core'
import type { BrowserContext, Page, Request, Response, WebSocket } from 'playwright'

/** What was seen at one place. */
interface Sight {
  readonly place: string
  readonly text: string
}

/** Everything the people, their browsers and the server's operator could have seen in a test, to be searched for what they must not see. */
export class Evidence {
  readonly #sights: Sight[] = []
  #pending: Promise<unknown>[] = []

  /** The server's log, whole: nothing is masked here. */
  readonly log: Log = {
    debug: (message, facts) => this.#noteLog('debug', message, facts),
    info: (message, facts) => this.#noteLog('info', message, facts),
    warn: (message, facts) => this.#noteLog('warn', message, facts),
    error: (message, facts) => this.#noteLog('error', message, facts),
  }

  note(place: string, text: string): void {
    this.#sights.push({ place, text })
  }

  /** Follows all pages of a browser: frames, console, and what goes to and comes from this origin. */
  follow(context: BrowserContext, origin: string): void {
    context.on('page', (page) => page.on('websocket', (socket) => this.#followSocket(socket)))
    context.on('console', (message) => this.note(`console ${message.type()}`, message.text()))
    context.on('weberror', (error) => this.note('console error', String(error.error())))
    context.on('response', (response) => {
      if (new URL(response.url()).origin === origin) this.#pending.push(this.#noteResponse(response))
    })
  }

  /** What a page shows, below all shadow roots, and what it stores. */
  async notePage(page: Page): Promise<void> {
    this.note('page', await page.evaluate(wholeMarkup))
    this.note(
      'storage',
      await page.evaluate(() => JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage), history.state])),
    )
  }

  async noteCookies(context: BrowserContext): Promise<void> {
    for (const { name, value } of await context.cookies()) this.note(`cookie ${name}`, value)
  }

  /** The bytes of every file below a folder but one. */
  noteFiles(folder: string, except: string): void {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name)
      if (entry.isFile() && path !== except) this.note(`file ${entry.name}`, readFileSync(path, 'latin1'))
    }
  }

  /** The kinds of places something was seen at. */
  async places(): Promise<readonly string[]> {
    await this.#settle()
    return [...new Set(this.#sights.map(({ place }) => place))].toSorted()
  }

  /** Where a secret, or enough of it to be one, was seen. */
  async placesOf(secret: string): Promise<readonly string[]> {
    await this.#settle()
    const forms = formsOf(secret)
    return [...new Set(this.#sights.flatMap(({ place, text }) => (forms.some((form) => text.includes(form)) ? [place] : [])))]
  }

  /** All texts seen at places that begin so. */
  async at(place: string): Promise<readonly string[]> {
    await this.#settle()
    return this.#sights.flatMap((sight) => (sight.place.startsWith(place) ? [sight.text] : []))
  }

  /** Responses are read after they came. */
  async #settle(): Promise<void> {
    while (this.#pending.length > 0) {
      const pending = this.#pending
      this.#pending = []
      await Promise.all(pending)
    }
  }

  #noteLog(level: string, message: string, facts: LogFacts = {}): void {
    this.note(`log ${level}`, `${message} ${JSON.stringify(facts)}`)
  }

  #followSocket(socket: WebSocket): void {
    this.note('socket address', socket.url())
    socket.on('framesent', ({ payload }) => this.note('frame sent', String(payload)))
    socket.on('framereceived', ({ payload }) => this.note('frame received', String(payload)))
    socket.on('socketerror', (error) => this.note('socket error', error))
  }

  async #noteResponse(response: Response): Promise<void> {
    const request = response.request()
    const { pathname } = new URL(request.url())
    // The callback's own address and cookies are how the code comes to us; nothing later may carry it on.
    if (pathname !== '/auth/redirect') this.note('request', `${request.url()} ${JSON.stringify(await allHeaders(request))}`)
    this.note('response header', JSON.stringify(await allHeaders(response)))
    const body = await response.text().catch(() => undefined)
    if (body !== undefined) this.note(`response of ${pathname.startsWith('/auth/') ? '/auth/' : pathname}`, body)
  }
}

/** Cookies too, which the plain list leaves out; of a page that is gone meanwhile, what is known. */
function allHeaders(message: Request | Response): Promise<object> {
  return message.allHeaders().catch(() => message.headers())
}

/** A secret as it could stand in a text; a half of it is one, too. */
function formsOf(secret: string): readonly string[] {
  if (secret.length < 16) throw new Error(`"${secret}" is too short to be searched for`)
  const half = Math.ceil(secret.length / 2)
  const bytes = Buffer.from(secret)
  return [
    secret,
    secret.slice(0, half),
    secret.slice(-half),
    encodeURIComponent(secret),
    bytes.toString('base64url'),
    bytes.toString('hex'),
  ]
}

/** Runs in the page: its markup with that of all shadow roots. */
function wholeMarkup(): string {
  const markup = (root: Document | ShadowRoot): string => {
    const own = root instanceof Document ? root.documentElement.outerHTML : root.innerHTML
    const inner = [...root.querySelectorAll('*')].flatMap(({ shadowRoot }) => (shadowRoot ? [markup(shadowRoot)] : []))
    return [own, ...inner].join('\n')
  }
  return markup(document)
}
