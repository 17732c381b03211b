import { CountersignError } from '@countersign/core'

interface Waiting {
  readonly resolve: () => void
  readonly reject: (error: CountersignError) => void
}

/**
 * Gives units their turn at the connections, in the order in which they came. However many came before, one waits as long as the database answers the
 * others: a rush is no outage.
 */
export class ConnectionTurns {
  readonly #maxWaiting: number
  #free: number
  #queue: Waiting[] = []

  /** @param connections how many have their turn at once */
  constructor(connections: number, maxWaiting: number) {
    this.#free = connections
    this.#maxWaiting = maxWaiting
  }

  /** @throws CountersignError `storage_unavailable` when too many wait already, or the database has stopped answering */
  take(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1
      return Promise.resolve()
    }
    if (this.#queue.length >= this.#maxWaiting)
      return Promise.reject(new CountersignError('storage_unavailable', `${this.#maxWaiting} units wait for the database already`))
    return new Promise((resolve, reject) => {
      this.#queue.push({ resolve, reject })
    })
  }

  /** The turn is over: the next one's begins. */
  give(): void {
    const next = this.#queue.shift()
    if (next) next.resolve()
    else this.#free += 1
  }

  /** The database answers nobody: who waits is told at once. */
  refuseAll(error: CountersignError): void {
    const refused = this.#queue
    this.#queue = []
    for (const { reject } of refused) reject(error)
  }
}
