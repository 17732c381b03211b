import type { WebSocket } from 'ws'

/** What a client may leave unread before its socket is closed, bytes; it comes back with its last `seq`. */
export const MAX_UNREAD_BYTES = 4 * 1024 * 1024

/** The way out of one socket: drops a client that does not read, and never throws for one that is gone. */
export class Outbox {
  readonly #socket: WebSocket

  constructor(socket: WebSocket) {
    this.#socket = socket
  }

  send(frame: object): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    this.#socket.send(JSON.stringify(frame), () => undefined)
    if (this.#socket.bufferedAmount > MAX_UNREAD_BYTES) this.#socket.close(1013, 'slow consumer')
  }
}
