import type { WebSocket } from 'ws'

/**
 * The way out of one socket: drops a client that does not read, and never throws for one that is gone. What is live is sent at once; what was missed can wait
 * until there is `room`, so that a long log never drops the client that catches up on it.
 */
export class Outbox {
  readonly #socket: WebSocket
  readonly #maxUnreadBytes: number
  #waiting: (() => void)[] = []

  constructor(socket: WebSocket, maxUnreadBytes: number) {
    this.#socket = socket
    this.#maxUnreadBytes = maxUnreadBytes
    socket.once('close', () => this.#wake())
  }

  /** Whether the client has so much unread that what can wait should. */
  get isFull(): boolean {
    return this.#socket.readyState === this.#socket.OPEN && this.#socket.bufferedAmount > this.#maxUnreadBytes / 4
  }

  send(frame: object): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    const bytes = Buffer.from(JSON.stringify(frame))
    const { bufferedAmount } = this.#socket
    // One frame goes out whatever its size; what does not fit after it, the client asks for when it is back.
    if (bufferedAmount > 0 && bufferedAmount + bytes.length > this.#maxUnreadBytes) return this.drop()
    this.#socket.send(bytes, { binary: false }, () => this.#wake())
  }

  /** Lets go of a client that is too far behind, or for another reason: it comes back. */
  drop(reason = 'slow consumer'): void {
    this.#socket.close(1013, reason)
  }

  /** Resolves when the client has read enough, or is gone. */
  async room(): Promise<void> {
    while (this.isFull) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  #wake(): void {
    if (this.isFull || this.#waiting.length === 0) return
    const waiting = this.#waiting
    this.#waiting = []
    for (const resume of waiting) resume()
  }
}
