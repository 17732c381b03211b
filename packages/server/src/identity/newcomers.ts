import type { Runtime } from '@countersign/core'
import type { Limits } from '../config/limits-schema.ts'
import { subscriberOf } from '../half-open.ts'
import { RateWindow } from '../rate-window.ts'

const MINUTE_MS = 60_000

/** The browsers that nobody knows yet. Who keeps no cookies is one with each request, and each would be a row. */
export class Newcomers {
  readonly #ofAddress: RateWindow
  readonly #ofAll: RateWindow

  constructor(
    runtime: Pick<Runtime, 'now'>,
    limits: Pick<Limits, 'max_new_sessions_per_minute' | 'max_new_sessions_per_minute_and_address'>,
  ) {
    this.#ofAddress = new RateWindow(runtime, { limit: limits.max_new_sessions_per_minute_and_address, windowMs: MINUTE_MS })
    this.#ofAll = new RateWindow(runtime, { limit: limits.max_new_sessions_per_minute, windowMs: MINUTE_MS })
  }

  /** Whether one more gets a session now. What one address has too many of is not counted against the others. */
  admit(address: string): boolean {
    return this.#ofAddress.spend(subscriberOf(address)) === 'within' && this.#ofAll.spend('') === 'within'
  }
}
