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

/** The open sockets by the session that opened them: with the session they end, wherever it was ended. */
export class OpenSockets {
  readonly #runtime: Pick<Runtime, 'now'>
  readonly #bySession = new Map<string, Set<Closable>>()
  /** Sessions that ended lately, and when: a socket may be admitted before and open after. */
  readonly #ended = new Map<string, number>()

  constructor({ store, runtime }: { store: Pick<Store, 'subscribe'>; runtime: Pick<Runtime, 'now'> }) {
    this.#runtime = runtime
    store.subscribe('session', (id) => this.#end(id))
  }

  /** Takes a socket into account for as long as it is open. */
  add(sessionId: string, socket: Closable): void {
    if (this.#ended.has(sessionId)) return close(socket)
    const sockets = this.#bySession.get(sessionId) ?? new Set()
    this.#bySession.set(sessionId, sockets.add(socket))
    socket.once('close', () => {
      sockets.delete(socket)
      if (sockets.size === 0) this.#bySession.delete(sessionId)
    })
  }

  #end(sessionId: string): void {
    const now = this.#runtime.now()
    for (const [id, at] of this.#ended) if (now - at > HANDSHAKE_MS) this.#ended.delete(id)
    this.#ended.set(sessionId, now)
    for (const socket of this.#bySession.get(sessionId) ?? []) close(socket)
  }
}

/** What the client sends from now on is not read. */
function close(socket: Closable): void {
  socket.close(SESSION_OVER, 'the session is over')
}
