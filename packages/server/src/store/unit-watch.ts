import { CountersignError, type Runtime } from '@countersign/core'

/** What a watch is told; times in milliseconds. */
export interface UnitWatchOptions {
  readonly runtime: Pick<Runtime, 'now' | 'timer' | 'log'>
  readonly slowUnitMs: number
  readonly stuckUnitMs: number
  readonly onSlowUnit?: ((name: string, elapsedMs: number) => void) | undefined
}

/** A busy machine makes a unit slow now and then; this long, its code is at fault. */
const ALARMING_MS = 500

interface Watched {
  readonly name: string
  readonly startedAt: number
  readonly reject: (error: CountersignError) => void
  isReported: boolean
}

/** Keeps an eye on the unit that has the store: a slow one is logged by name, one that does not end is given up. */
export class UnitWatch {
  readonly #options: UnitWatchOptions
  #unit: Watched | undefined
  #stopTimer: (() => void) | undefined

  constructor(options: UnitWatchOptions) {
    this.#options = options
  }

  /** One timer serves a whole group of units: it only ever fires when one of them waits for something foreign. */
  start(): void {
    this.#stopTimer = this.#options.runtime.timer(this.#options.slowUnitMs, () => this.#look())
  }

  stop(): void {
    this.#stopTimer?.()
    this.#stopTimer = undefined
  }

  /** @throws CountersignError `storage_unavailable` when the unit does not end in time; whatever it throws itself */
  async run<T>(name: string, unit: () => Promise<T>): Promise<T> {
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#unit = { name, startedAt: this.#options.runtime.now(), reject, isReported: false }
        unit().then(resolve, reject)
      })
    } finally {
      if (this.#unit) this.#judge(this.#unit)
      this.#unit = undefined
    }
  }

  #look(): void {
    const unit = this.#unit
    const { runtime, slowUnitMs, stuckUnitMs } = this.#options
    if (unit) this.#judge(unit)
    if (unit && runtime.now() - unit.startedAt >= stuckUnitMs) {
      const reason = `unit "${unit.name}" did not end within ${stuckUnitMs} ms and was undone: a unit may await nothing but its transaction`
      unit.reject(new CountersignError('storage_unavailable', reason))
    }
    this.#stopTimer = runtime.timer(slowUnitMs, () => this.#look())
  }

  #judge(unit: Watched): void {
    const { runtime, slowUnitMs, onSlowUnit } = this.#options
    const elapsedMs = runtime.now() - unit.startedAt
    if (unit.isReported || elapsedMs < slowUnitMs) return
    unit.isReported = true
    runtime.log[elapsedMs < ALARMING_MS ? 'debug' : 'warn']('a unit of work held the store', { unit: unit.name, ms: elapsedMs })
    onSlowUnit?.(unit.name, elapsedMs)
  }
}
