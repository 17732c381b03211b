import type { Limits } from '../config/limits-schema.ts'

/** How many sockets may be open: of all sessions, and of each one. */
export class SocketPlaces {
  readonly #limits: Pick<Limits, 'max_sockets' | 'max_sockets_per_session'>
  readonly #bySession = new Map<string, number>()
  #count = 0

  constructor(limits: Pick<Limits, 'max_sockets' | 'max_sockets_per_session'>) {
    this.#limits = limits
  }

  /** Whether nobody gets a place now. */
  get isFull(): boolean {
    return this.#count >= this.#limits.max_sockets
  }

  /** Takes a place. @returns what gives it back, once, or undefined when the session has all of its places */
  take(sessionId: string): (() => void) | undefined {
    const taken = this.#bySession.get(sessionId) ?? 0
    if (this.isFull || taken >= this.#limits.max_sockets_per_session) return undefined
    this.#bySession.set(sessionId, taken + 1)
    this.#count += 1
    let isTaken = true
    return () => {
      if (isTaken) this.#giveBack(sessionId)
      isTaken = false
    }
  }

  #giveBack(sessionId: string): void {
    const taken = this.#bySession.get(sessionId) ?? 0
    if (taken > 1) this.#bySession.set(sessionId, taken - 1)
    else this.#bySession.delete(sessionId)
    this.#count -= 1
  }
}
