import type { LoggedEvent } from '@countersign/core'
import type { ServerFrame } from '@countersign/core/protocol'
import { WebSocket } from 'ws'

/** How soon a tab tries again after a refused connection, milliseconds. */
const RETRY_MS = 20

/** Where a tab leads, and as whom. */
export interface TabParts {
  readonly origin: string
  readonly cookie: string
  readonly conversationId: string
  /** An instance to speak to directly; default: the origin. */
  readonly port?: number
  /** Told of every frame, and of `connected` once all that was missed has come. */
  readonly onFrame: (frame: ServerFrame | { readonly type: 'connected' }) => void
}

/** A browser's tab on a conversation: keeps what it has seen, and comes back with its last `seq` whenever its socket breaks. */
export class Tab {
  readonly #parts: TabParts
  #socket: WebSocket | undefined
  #isClosed = false
  #isCaughtUp = false
  /** The log as it was sent, in the order in which it came. */
  readonly seen: LoggedEvent[] = []
  /** Why it was last refused, or broke. */
  problem = 'none'
  /** What was sent that does not follow on what came before. */
  readonly jumps: string[] = []

  constructor(parts: TabParts) {
    this.#parts = parts
    this.#connect()
  }

  /** Sends a frame, if there is a socket: whoever must be sure sends it again once it is connected. */
  send(frame: object): void {
    if (this.isConnected) this.#socket?.send(JSON.stringify(frame))
  }

  /** Whether all that it missed has come, and its socket is open. */
  get isConnected(): boolean {
    return this.#isCaughtUp && this.#socket?.readyState === WebSocket.OPEN
  }

  close(): void {
    this.#isClosed = true
    this.#socket?.terminate()
  }

  #connect(): void {
    const { origin, cookie, conversationId, port } = this.#parts
    const last_seq = String(this.seen.at(-1)?.seq ?? 0)
    const query = new URLSearchParams({ conversation_id: conversationId, last_seq })
    const base = port === undefined ? origin.replace('http', 'ws') : `ws://127.0.0.1:${port}`
    const socket = new WebSocket(`${base}/websocket?${query.toString()}`, ['countersign.v1'], { origin, headers: { cookie } })
    this.#socket = socket
    socket.on('message', (data: Buffer) => this.#receive(JSON.parse(data.toString()) as ServerFrame)) // what our server sent
    socket.on('error', ({ message }) => {
      this.problem = message
    })
    socket.once('close', () => {
      this.#isCaughtUp = false
      if (!this.#isClosed) setTimeout(() => this.#isClosed || this.#connect(), RETRY_MS)
    })
  }

  #receive(frame: ServerFrame): void {
    if (frame.type === 'event_message') this.#see(frame)
    this.#parts.onFrame(frame)
    if (frame.type !== 'caught_up_message') return
    this.#isCaughtUp = true
    this.#parts.onFrame({ type: 'connected' })
  }

  #see({ seq, at, event }: LoggedEvent): void {
    const expected = (this.seen.at(-1)?.seq ?? 0) + 1
    if (seq !== expected) this.jumps.push(`event ${seq} came where ${expected} was due`)
    this.seen.push({ seq, at, event })
  }
}
