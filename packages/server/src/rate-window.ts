import type { Runtime } from '@countersign/core'

/** How many keys are remembered at a time; a new one beyond waits for the next window. */
const MAX_KEYS = 100_000

/** What one more comes to: it is `within` the limit, `over` it and to be refused, or a `flood`: as many were refused as may be taken. */
export type Spending = 'within' | 'over' | 'flood'

export interface RateLimit {
  /** How many of one key are taken in a window. */
  readonly limit: number
  readonly windowMs: number
}

interface Spent {
  readonly taken: number
  readonly refused: number
}

const NOTHING: Spent = { taken: 0, refused: 0 }

/**
 * Counts what comes under each key. What came in the window before counts for as much of it as lies less than a window ago, so that nobody waits for a new one and
 * then takes twice.
 */
export class RateWindow {
  readonly #runtime: Pick<Runtime, 'now'>
  readonly #rate: RateLimit
  #window = 0
  #current = new Map<string, Spent>()
  #previous = new Map<string, Spent>()

  constructor(runtime: Pick<Runtime, 'now'>, rate: RateLimit) {
    this.#runtime = runtime
    this.#rate = rate
  }

  /** Counts one more of this key. */
  spend(key: string): Spending {
    const { limit, windowMs } = this.#rate
    const now = this.#runtime.now()
    this.#turn(Math.floor(now / windowMs))
    const { taken, refused } = this.#current.get(key) ?? NOTHING
    const before = this.#previous.get(key) ?? NOTHING
    const weight = 1 - (now % windowMs) / windowMs
    const hasRoom = this.#current.size < MAX_KEYS || this.#current.has(key)
    const isWithin = hasRoom && taken + before.taken * weight < limit
    if (hasRoom) this.#current.set(key, isWithin ? { taken: taken + 1, refused } : { taken, refused: refused + 1 })
    if (isWithin) return 'within'
    return refused + before.refused * weight < limit ? 'over' : 'flood'
  }

  #turn(window: number): void {
    if (window === this.#window) return
    this.#previous = window === this.#window + 1 ? this.#current : new Map<string, Spent>()
    this.#current = new Map()
    this.#window = window
  }
}
