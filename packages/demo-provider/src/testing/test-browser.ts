/** Where a browser came to rest: on a page, or at a redirect to another origin, which is not followed. */
export interface Landing {
  readonly status: number
  readonly url: URL
  readonly text: string
  readonly headers: Headers
}

/** As much of a browser as the pages need: cookies with paths, redirects within the origin, forms. */
export class TestBrowser {
  readonly #origin: string
  readonly #cookies = new Map<string, { readonly value: string; readonly path: string }>()

  constructor(origin: string) {
    this.#origin = origin
  }

  async visit(url: string | URL, init: RequestInit = {}): Promise<Landing> {
    const target = new URL(url, this.#origin)
    const headers = new Headers(init.headers)
    headers.set('accept', 'text/html')
    headers.set('cookie', this.#cookiesFor(target.pathname))
    const response = await fetch(target, { ...init, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) this.#keep(line)
    const location = response.headers.get('location')
    if (location === null) return { status: response.status, url: target, text: await response.text(), headers: response.headers }
    await response.body?.cancel()
    const next = new URL(location, target)
    if (next.origin !== this.#origin) return { status: response.status, url: next, text: '', headers: response.headers }
    return this.visit(next)
  }

  /** Opens what does not end by itself, piece by piece. */
  async open(path: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const response = await fetch(new URL(path, this.#origin), { signal, headers: { cookie: this.#cookiesFor(path) } })
    if (response.status !== 200 || response.body === null) throw new Error(`${path} answered with ${response.status}`)
    return response.body
  }

  /** Sends the page's form with these fields, its hidden ones included. */
  submit(page: Landing, fields: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}): Promise<Landing> {
    const action = /<form[^>]* action="([^"]+)"/.exec(page.text)?.[1] ?? page.url.pathname
    const body = new URLSearchParams(fields)
    for (const [, name = '', value = ''] of page.text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)) {
      if (!body.has(name)) body.set(name, value)
    }
    return this.visit(new URL(action, page.url), { method: 'POST', body, headers })
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split('; ')
    const [name = '', value = ''] = pair.split('=', 2)
    const path = attributes.find((attribute) => attribute.startsWith('path='))?.slice('path='.length) ?? '/'
    if (value === '') this.#cookies.delete(`${name} ${path}`)
    else this.#cookies.set(`${name} ${path}`, { value, path })
  }

  #cookiesFor(pathname: string): string {
    const matching = [...this.#cookies].filter(
      ([, { path }]) => pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`),
    )
    return matching.map(([key, { value }]) => `${key.split(' ')[0]}=${value}`).join('; ')
  }
}
