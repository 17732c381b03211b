import type { Runtime, Store } from '@countersign/core'
import type { SessionOverCode } from '@countersign/core/protocol'

const SESSION_OVER: SessionOverCode = 4401
/** How long after a session's end its last sockets may still be on their way through the handshake, milliseconds. */
const HANDSHAKE_MS = 60_000

/** As much of a socket as can be ended. */
interface Closable {
  close(code: number, reason: string): void
  once(event: 'close', listener: () => void): unknown
}

/** The open sockets: with the session that opened them they end, wherever that was ended. */
export class OpenSockets {
  readonly #store: Pick<Store, 'subscribe'>
  readonly #runtime: Pick<Runtime, 'now'>
  /** Sessions that ended lately, and when: a socket may be admitted before and open after. */
  readonly #ended = new Map<string, number>()

  constructor({ store, runtime }: { store: Pick<Store, 'subscribe'>; runtime: Pick<Runtime, 'now'> }) {
    this.#store = store
    this.#runtime = runtime
    store.subscribe('session', (id) => this.#note(id))
  }

  /** Takes a socket into account for as long as it is open. */
  add(sessionId: string, socket: Closable): void {
    if (this.#ended.has(sessionId)) return close(socket)
    const stopListening = this.#store.subscribe('session', () => close(socket), sessionId)
    socket.once('close', stopListening)
  }

  #note(sessionId: string): void {
    const now = this.#runtime.now()
    for (const [id, at] of this.#ended) if (now - at > HANDSHAKE_MS) this.#ended.delete(id)
    this.#ended.set(sessionId, now)
  }
}

/** What the client sends from now on is not read. */
function close(socket: Closable): void {
  socket.close(SESSION_OVER, 'the session is over')
}
