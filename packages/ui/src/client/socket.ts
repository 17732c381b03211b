import type { ClientFrame, ServerFrame, SessionOverCode, Subprotocol } from '@countersign/core/protocol'
import { backoffMs } from './backoff.ts'
import type { BrowserRuntime, OpenSocket } from './browser-runtime.ts'
import { Outbox } from './outbox.ts'
import { parseFrame } from './parse-frame.ts'

const subprotocol: Subprotocol = 'countersign.v1'
const SESSION_OVER: SessionOverCode = 4401

/** What the person may know about the connection. `attempt` counts failures in a row; `retryAt` is epoch milliseconds. */
export type ConnectionStatus =
  | { readonly state: 'connecting'; readonly attempt: number }
  | { readonly state: 'open' }
  | { readonly state: 'waiting'; readonly attempt: number; readonly retryAt: number; readonly isOffline: boolean }
  | { readonly state: 'closed' | Refusal }

/** Why there is no connection until the person does something: their session is over, or nobody gets in without signing in. */
export type Refusal = 'signed-out' | 'sign-in-required'

/** Whether a connection may be opened. */
export type Admission = 'admitted' | Refusal

/** What the socket asks of its owner. */
export interface SocketOwner {
  /** The address to connect to now; called once per connection, after `admit`. */
  address(): string
  /** Gets leave to connect, for example a session cookie. A rejection counts as a failed attempt. */
  admit(): Promise<Admission>
  onFrame(frame: ServerFrame): void
  onStatus(status: ConnectionStatus): void
}

/** No sign of life from a connection being opened for this long is a failure. */
const OPEN_DEADLINE_MS = 15_000

/** A connection that never gives up: it comes back after every loss and sends what could not be sent meanwhile. */
export class ChatSocket {
  readonly outbox = new Outbox()
  readonly #runtime: BrowserRuntime
  readonly #owner: SocketOwner
  #status: ConnectionStatus = { state: 'closed' }
  #connection: OpenSocket | null = null
  /** Counts connections, so that a late word of an older one is ignored. */
  #generation = 0
  #isCaughtUp = false
  #failures = 0
  #cancelTimer: () => void = () => {}
  #stopListening: () => void = () => {}

  constructor(runtime: BrowserRuntime, owner: SocketOwner) {
    this.#runtime = runtime
    this.#owner = owner
  }

  get status(): ConnectionStatus {
    return this.#status
  }

  start(): void {
    this.#stopListening()
    this.#stopListening = this.#runtime.onOnlineChange((isOnline) => this.#onOnlineChange(isOnline))
    this.restart()
  }

  /** Ends the connection for good; `start` begins again. */
  stop(): void {
    this.#stopListening()
    this.#drop()
    this.#setStatus({ state: 'closed' })
  }

  /** Leaves the present connection, if any, for a new one at once. */
  restart(): void {
    this.#drop()
    void this.#connect(this.#generation)
  }

  /** The person does not want to wait for the next attempt. */
  retryNow(): void {
    if (this.#status.state === 'waiting') this.restart()
  }

  /** Sends now, or as soon as a connection has caught up with the log. */
  send(frame: ClientFrame): void {
    this.outbox.put(frame)
    this.#flush()
  }

  #drop(): void {
    this.#generation += 1
    this.#cancelTimer()
    this.#isCaughtUp = false
    this.outbox.rewind()
    this.#connection?.close()
    this.#connection = null
  }

  async #connect(generation: number): Promise<void> {
    this.#setStatus({ state: 'connecting', attempt: this.#failures })
    this.#cancelTimer = this.#runtime.setTimer(() => this.#onLoss(generation), OPEN_DEADLINE_MS)
    try {
      const admission = await this.#owner.admit()
      if (generation !== this.#generation) return
      if (admission === 'admitted') this.#open(generation)
      else this.#rest(admission)
    } catch {
      // Why leave was refused does not matter here: it is asked for again at the next attempt.
      this.#onLoss(generation)
    }
  }

  #open(generation: number): void {
    const isCurrent = (): boolean => generation === this.#generation
    this.#connection = this.#runtime.openSocket(this.#owner.address(), subprotocol, {
      onOpen: () => isCurrent() && this.#onOpen(),
      onMessage: (text) => isCurrent() && this.#onMessage(text),
      onClose: (code) => this.#onClose(generation, code),
    })
  }

  #onOpen(): void {
    this.#cancelTimer()
    this.#setStatus({ state: 'open' })
  }

  #onMessage(text: string): void {
    const frame = parseFrame(text)
    if (frame === null) return
    const generation = this.#generation
    this.#owner.onFrame(frame)
    const wasLeft = generation !== this.#generation
    if (wasLeft || frame.type !== 'caught_up_message') return
    this.#failures = 0
    this.#isCaughtUp = true
    this.#flush()
  }

  #flush(): void {
    if (!this.#isCaughtUp) return
    for (const frame of this.outbox.take()) this.#connection?.send(JSON.stringify(frame))
  }

  #onLoss(generation: number): void {
    if (generation !== this.#generation) return
    this.#drop()
    this.#failures += 1
    const delayMs = backoffMs(this.#failures, this.#runtime.random())
    const retryAt = this.#runtime.now() + delayMs
    this.#cancelTimer = this.#runtime.setTimer(() => this.restart(), delayMs)
    this.#setStatus({ state: 'waiting', attempt: this.#failures, retryAt, isOffline: !this.#runtime.isOnline() })
  }

  /** Of a session that is over, the owner is asked at once who the person is now; a server that ends every session is not pressed. */
  #onClose(generation: number, code: number): void {
    if (generation === this.#generation && code === SESSION_OVER && this.#isCaughtUp) this.restart()
    else this.#onLoss(generation)
  }

  /** Nothing is tried until the person wants to. */
  #rest(state: Refusal): void {
    this.#drop()
    this.#setStatus({ state })
  }

  #onOnlineChange(isOnline: boolean): void {
    if (this.#status.state !== 'waiting') return
    if (isOnline) this.restart()
    else this.#setStatus({ ...this.#status, isOffline: true })
  }

  #setStatus(status: ConnectionStatus): void {
    this.#status = status
    this.#owner.onStatus(status)
  }
}
