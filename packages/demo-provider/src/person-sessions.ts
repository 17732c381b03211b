import type { IncomingMessage, ServerResponse } from 'node:http'
import type { DemoRuntime } from './runtime.ts'

/** Somebody signed in on the phone or device page, which are other devices than the browser that an app sends here. */
export interface PersonSession {
  readonly accountId: string
  /** Stands in this session's own forms only, so that no other page can send them. */
  readonly formToken: string
}

/** Who is signed in at the phone and device pages, by a cookie that no script can read. */
export class PersonSessions {
  readonly #cookieName: string
  readonly #runtime: Pick<DemoRuntime, 'unguessable'>
  readonly #sessions = new Map<string, PersonSession>()

  constructor(port: number, runtime: Pick<DemoRuntime, 'unguessable'>) {
    this.#cookieName = `demo_provider_${port}_phone`
    this.#runtime = runtime
  }

  of(request: IncomingMessage): PersonSession | undefined {
    const id = this.#idOf(request)
    return id === undefined ? undefined : this.#sessions.get(id)
  }

  /** Begins a session with a new id; whatever the browser had before is over. */
  begin(request: IncomingMessage, response: ServerResponse, accountId: string): void {
    this.end(request, response)
    const id = this.#runtime.unguessable()
    this.#sessions.set(id, { accountId, formToken: this.#runtime.unguessable() })
    const [oldest] = this.#sessions.keys()
    if (this.#sessions.size > LIMIT && oldest !== undefined) this.#sessions.delete(oldest)
    this.#setCookie(response, id, DAY_SECONDS)
  }

  end(request: IncomingMessage, response: ServerResponse): void {
    const id = this.#idOf(request)
    if (id !== undefined) this.#sessions.delete(id)
    this.#setCookie(response, '', 0)
  }

  clear(): void {
    this.#sessions.clear()
  }

  /** Lax, so that a link from an app leads to whoever is signed in; forms are guarded by their token. */
  #setCookie(response: ServerResponse, value: string, maxAge: number): void {
    response.setHeader('set-cookie', `${this.#cookieName}=${value}; path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAge}`)
  }

  #idOf(request: IncomingMessage): string | undefined {
    const pairs = (request.headers.cookie ?? '').split(/; */)
    return pairs.find((pair) => pair.startsWith(`${this.#cookieName}=`))?.slice(this.#cookieName.length + 1)
  }
}

const LIMIT = 1000
const DAY_SECONDS = 24 * 60 * 60
