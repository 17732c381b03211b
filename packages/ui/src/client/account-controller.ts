import type { Disconnected, JsonValue, Me, SessionList } from '@countersign/core/protocol'
import {
  type AccountAction,
  type AccountChange,
  type AccountOutcome,
  type AccountState,
  reduceAccount,
  unknownAccount,
} from './account-state.ts'
import type { BrowserRuntime, JsonAnswer } from './browser-runtime.ts'
import { serverAddress, type ServerAddress } from './server-address.ts'

/** What a controller needs from the element it lives in. */
export interface AccountHost {
  readonly runtime: BrowserRuntime
  /** The server's base address; empty: the page's origin. */
  readonly url: string
  requestUpdate(): void
}

/** The person's account kept in step with the server for an element. */
export class AccountController {
  state: AccountState = unknownAccount
  readonly #host: AccountHost

  constructor(host: AccountHost) {
    this.#host = host
  }

  /** Asks who this browser is. The answer also sets the session cookie, if there was none. */
  async refresh(): Promise<Me> {
    // The boundary: our own server's answers, of the shape their contract promises; so below.
    const me = (await this.#host.runtime.fetchJson(this.#address.me)) as Me
    this.#dispatch({ type: 'know', me })
    return me
  }

  /** Asks where the person is signed in. */
  async lookForSessions(): Promise<void> {
    this.#dispatch({ type: 'look-for-sessions' })
    try {
      const { sessions } = (await this.#host.runtime.fetchJson(this.#address.sessions)) as SessionList
      this.#dispatch({ type: 'sessions-known', list: sessions })
    } catch {
      // The panel says that the list could not be read, and offers to try again.
      this.#dispatch({ type: 'sessions-failed' })
    }
  }

  /** Changes one thing; while it is under way no other is begun. @returns what became of it, or null when it was not begun */
  async change(change: AccountChange): Promise<AccountOutcome | null> {
    if (this.state.pending !== null) return null
    this.#dispatch({ type: 'begin', change })
    const outcome = { change, result: await this.#request(change) }
    this.#dispatch({ type: 'end', outcome })
    return outcome
  }

  get #address(): ServerAddress {
    return serverAddress(this.#host.url, this.#host.runtime.origin)
  }

  async #request(change: AccountChange): Promise<AccountOutcome['result']> {
    try {
      return resultOf(change, await this.#post(change))
    } catch {
      return 'unreachable'
    }
  }

  #post(change: AccountChange): Promise<JsonAnswer> {
    const send = (url: string, body: JsonValue): Promise<JsonAnswer> => this.#host.runtime.postJson(url, body)
    switch (change.type) {
      case 'disconnect':
        return send(this.#address.disconnect(change.connectionId), {})
      case 'end-session':
        return send(this.#address.endSession(change.sessionId), {})
      case 'sign-out':
        return send(this.#address.signOut, { everywhere: change.everywhere })
    }
  }

  #dispatch(action: AccountAction): void {
    this.state = reduceAccount(this.state, action)
    this.#host.requestUpdate()
  }
}

function resultOf(change: AccountChange, { status, body }: JsonAnswer): AccountOutcome['result'] {
  if (status === 404) return 'gone'
  if (status !== 200) return 'refused'
  return change.type === 'disconnect' && (body as Disconnected | null)?.revoked !== true ? 'unconfirmed' : 'done'
}
