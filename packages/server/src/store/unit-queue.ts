import { type Bus, type Runtime, type StoreStats, type Transaction, errorFacts } from '@countersign/core'
import { nextTurn } from './next-turn.ts'
import type { SqliteConnection } from './sqlite-connection.ts'
import { isBusy, storageFailure } from './sqlite-failure.ts'
import { SqliteTransaction } from './sqlite-transaction.ts'
import type { UnitWatch } from './unit-watch.ts'

/** What a queue works with. */
export interface UnitQueueParts {
  readonly connection: SqliteConnection
  readonly bus: Bus
  readonly runtime: Pick<Runtime, 'now' | 'log'>
  readonly watch: UnitWatch
  /** Units that share one commit at most. */
  readonly maxGroup: number
  /** `BEGIN IMMEDIATE`, or `BEGIN` where nothing is written and nobody is to be kept from writing. */
  readonly begin: 'BEGIN' | 'BEGIN IMMEDIATE'
  /** How often to try for the write lock; each time waits for the connection's busy timeout. */
  readonly lockAttempts: number
}

interface Queued {
  readonly name: string
  readonly unit: (transaction: Transaction) => Promise<unknown>
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** What became of a unit, told once its group is committed. */
interface Ended {
  readonly queued: Queued
  readonly transaction: SqliteTransaction
  readonly outcome: { readonly isDone: true; readonly value: unknown } | { readonly isDone: false; readonly error: unknown }
}

/** Runs units one after another; those that were queued in one turn of the event loop share a commit. */
export class UnitQueue {
  readonly #parts: UnitQueueParts
  #queue: Queued[] = []
  #drained: Promise<void> | undefined
  #stats: StoreStats = { units: 0, commits: 0, statements: 0 }

  constructor(parts: UnitQueueParts) {
    this.#parts = parts
  }

  get stats(): StoreStats {
    return this.#stats
  }

  /** Settles once the unit's group is committed, or could not be. */
  add<T>(name: string, unit: (transaction: Transaction) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      // The value that comes back is the unit's own.
      this.#queue.push({ name, unit, resolve: resolve as (value: unknown) => void, reject })
      this.#drained ??= this.#drain()
    })
  }

  /** Resolves when nothing is queued or running. */
  async idle(): Promise<void> {
    while (this.#drained) await this.#drained
  }

  /** Between two groups the event loop is let in, however many units wait. */
  async #drain(): Promise<void> {
    while (true) {
      await nextTurn()
      const group = this.#queue.slice(0, this.#parts.maxGroup)
      if (group.length === 0) break
      this.#queue = this.#queue.slice(group.length)
      await this.#commitTogether(group)
    }
    this.#drained = undefined
  }

  async #commitTogether(group: readonly Queued[]): Promise<void> {
    const { connection, watch } = this.#parts
    connection.forgetFailure()
    watch.start()
    try {
      await this.#begin()
      const ended: Ended[] = []
      for (const queued of group) ended.push(await this.#run(queued, group.length === 1))
      const hasFailedAlone = group.length === 1 && ended[0]?.outcome.isDone === false
      connection.mark(hasFailedAlone ? 'ROLLBACK' : 'COMMIT')
      this.#settle(ended)
    } catch (cause) {
      // Whatever a unit of this group read or wrote is gone, so what it returned or threw says nothing any more.
      const error = storageFailure(cause)
      this.#rollBack()
      for (const { reject } of group) reject(error)
    } finally {
      watch.stop()
    }
  }

  async #begin(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return this.#parts.connection.mark(this.#parts.begin)
      } catch (cause) {
        const error = storageFailure(cause)
        if (!isBusy(error) || attempt >= this.#parts.lockAttempts) throw error
        this.#parts.connection.forgetFailure()
        await nextTurn()
      }
    }
  }

  /** @throws CountersignError `storage_unavailable` when the database gave up the whole group */
  async #run(queued: Queued, isAlone: boolean): Promise<Ended> {
    const { connection, runtime, watch } = this.#parts
    const transaction = new SqliteTransaction(connection, runtime.now(), isAlone)
    try {
      const value = await watch.run(queued.name, () => queued.unit(transaction))
      if (connection.failure) throw connection.failure
      // A unit that did not mind a verb that failed has done nothing all the same.
      if (transaction.failure) throw transaction.failure
      if (transaction.hasSavepoint) connection.mark('RELEASE unit')
      return { queued, transaction, outcome: { isDone: true, value } }
    } catch (error) {
      if (!connection.isInTransaction) throw connection.failure ?? error
      if (transaction.hasSavepoint) connection.mark('ROLLBACK TO unit; RELEASE unit')
      connection.forgetFailure()
      return { queued, transaction, outcome: { isDone: false, error } }
    } finally {
      transaction.end()
    }
  }

  #settle(ended: readonly Ended[]): void {
    let { units, commits, statements } = this.#stats
    const done = ended.filter(({ outcome }) => outcome.isDone)
    for (const { transaction } of done) statements += transaction.statements
    units += done.length
    if (done.some(({ transaction }) => transaction.hasWritten)) commits += 1
    this.#stats = { units, commits, statements }
    for (const { queued, transaction, outcome } of ended) {
      if (!outcome.isDone) {
        queued.reject(outcome.error)
        continue
      }
      this.#runEffects(queued.name, transaction)
      queued.resolve(outcome.value)
    }
  }

  /** The unit is committed, whatever its effects do. */
  #runEffects(name: string, transaction: SqliteTransaction): void {
    try {
      transaction.effects.run(this.#parts.bus)
    } catch (error) {
      this.#parts.runtime.log.error('an effect of a committed unit failed', { unit: name, ...errorFacts(error) })
    }
  }

  #rollBack(): void {
    try {
      if (this.#parts.connection.isInTransaction) this.#parts.connection.mark('ROLLBACK')
    } catch (error) {
      this.#parts.runtime.log.error('a group of units could not be rolled back', errorFacts(error))
    }
  }
}
