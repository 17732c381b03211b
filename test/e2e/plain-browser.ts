/** As much of a browser as a sign-in needs, by hand: cookies, redirects and forms. */
export class PlainBrowser {
  /** By origin, then by name: the cookies of these servers carry their port in the name, but not every client does. */
  readonly #cookies = new Map<string, Map<string, string>>()

  /** Follows redirects, also to other origins, to where they end. */
  async visit(address: string, form?: Readonly<Record<string, string>>): Promise<{ readonly response: Response; readonly url: URL }> {
    const { response, next } = await this.step(address, form)
    if (next === undefined) return { response, url: new URL(address) }
    await response.body?.cancel()
    return this.visit(next)
  }

  /** Goes to one address and stays there. @returns where it would have been led on to */
  async step(
    address: string,
    form?: Readonly<Record<string, string>>,
  ): Promise<{ readonly response: Response; readonly next: string | undefined }> {
    const url = new URL(address)
    const headers = { accept: 'text/html,application/json', cookie: this.cookiesOf(url.origin) }
    const post = form && { method: 'POST', body: new URLSearchParams(form) }
    const response = await fetch(url, { headers, redirect: 'manual', ...post })
    this.#keep(url.origin, response)
    const location = response.headers.get('location')
    return { response, next: location === null ? undefined : new URL(location, url).href }
  }

  /** Plays a person who signs in at the demo provider and allows everything. @returns the status and text of the page it ends on */
  async signIn(startUrl: string, name: string): Promise<{ readonly status: number; readonly text: string }> {
    const { url: asked } = await this.visit(startUrl)
    const { url: toAllow } = await this.visit(asked.href, { login: name })
    const { response } = await this.visit(toAllow.href, { decision: 'allow' })
    return { status: response.status, text: await response.text() }
  }

  cookiesOf(origin: string): string {
    return [...(this.#cookies.get(origin) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  #keep(origin: string, response: Response): void {
    const jar = this.#cookies.get(origin) ?? new Map<string, string>()
    this.#cookies.set(origin, jar)
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') jar.delete(name)
      else jar.set(name, value)
    }
  }
}
