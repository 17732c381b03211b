import type { Runtime } from '@countersign/core'

/** How this process is doing: whether it takes work, which requests are under way, and when it last looked for what is due. */
export class Operation {
  readonly #runtime: Pick<Runtime, 'now'>
  readonly #requests = new Set<Promise<unknown>>()
  readonly #draining = new AbortController()
  #lookedAt: number

  constructor(runtime: Pick<Runtime, 'now'>) {
    this.#runtime = runtime
    this.#lookedAt = runtime.now()
  }

  get isDraining(): boolean {
    return this.#draining.signal.aborted
  }

  /** Aborts when nothing new is taken any more. */
  get draining(): AbortSignal {
    return this.#draining.signal
  }

  /** From now on nothing new is taken. */
  drain(): void {
    this.#draining.abort()
  }

  /** How many requests are under way. */
  get requests(): number {
    return this.#requests.size
  }

  /** Takes a request into account until it is answered, well or not. */
  async watch<T>(request: Promise<T>): Promise<T> {
    this.#requests.add(request)
    try {
      return await request
    } finally {
      this.#requests.delete(request)
    }
  }

  /** Resolves when no request is under way any more. */
  async requestsEnded(): Promise<void> {
    while (this.#requests.size > 0) await Promise.allSettled(this.#requests)
  }

  /** The scheduler has looked for due work, to the end of its look. */
  noteLook(): void {
    this.#lookedAt = this.#runtime.now()
  }

  /** How long ago that was, milliseconds. */
  get sinceLookMs(): number {
    return this.#runtime.now() - this.#lookedAt
  }
}
