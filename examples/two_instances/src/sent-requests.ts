import type { ProxyOptions } from './proxy.ts'

/** Which server had which request. */
export class SentRequests {
  readonly #sent: { readonly server: string; readonly path: string; readonly isSocket: boolean }[] = []

  /** To be told by the proxy. */
  readonly note: NonNullable<ProxyOptions['onSent']> = ({ name }, { url = '', headers }) => {
    const [path = ''] = url.split('?', 1)
    this.#sent.push({ server: name, path, isSocket: headers.upgrade !== undefined })
  }

  /** Those that had any. */
  get servers(): readonly string[] {
    return [...new Set(this.#sent.map(({ server }) => server))].toSorted()
  }

  /** How many requests each had, in words. */
  get inWords(): string {
    const count = (name: string): number => this.#sent.filter(({ server }) => server === name).length
    return this.servers.map((name) => `${count(name)} by ${name}`).join(', ')
  }

  /** The server that had the latest request of this path. */
  at(path: string): string | undefined {
    return this.#sent.findLast((sent) => sent.path.startsWith(path))?.server
  }

  /** The server that had the latest WebSocket. */
  get socketAt(): string | undefined {
    return this.#sent.findLast(({ isSocket }) => isSocket)?.server
  }
}
