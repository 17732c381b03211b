import { Socket } from 'node:net'

/** The sockets under this process's connections to a database. */
export class PostgresSockets {
  readonly #open = new Set<Socket>()

  /** One more, for a connection that is about to be made. */
  readonly make = (): Socket => {
    const socket = new Socket()
    // The driver uncorks after each statement: this way all that are sent in one turn leave in one write.
    const uncork = socket.uncork.bind(socket)
    socket.uncork = () => process.nextTick(uncork)
    this.#open.add(socket)
    socket.once('close', () => this.#open.delete(socket))
    return socket
  }

  /** Breaks off all of them: whoever waits for a database that does not answer is told at once. */
  breakOff(): void {
    for (const socket of this.#open) socket.destroy()
  }

  /** Resolves when none of them is open. */
  async closed(): Promise<void> {
    const closing = [...this.#open].map((socket) => new Promise((resolve) => socket.once('close', resolve)))
    await Promise.all(closing)
  }
}
