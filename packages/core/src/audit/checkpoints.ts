import { isCountersignError } from '../errors.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { CheckpointHead, CheckpointRow } from '../store/rows.ts'
import type { Store, Transaction } from '../store/store.ts'
import { type AuditSigner, makeCheckpoint } from './checkpoint.ts'
import { markSigned, openHeads, type StreamHead } from './stream-heads.ts'

export interface CheckpointDeps {
  readonly store: Store
  readonly runtime: Pick<Runtime, 'now' | 'sha256' | 'log'>
  readonly signer: AuditSigner
}

/** After what time what has moved is signed, milliseconds: so long an owner of the database can cut it off unseen. */
const PERIOD_MS = 10_000
/** After how many records it is signed earlier. */
const MAX_RECORDS = 1_000
/** Fewer units than these do not hold so many records: only then are they counted. */
const UNITS_WORTH_COUNTING = 100
/** Chains in one checkpoint at most: their rows are held while it is written, for a few milliseconds. */
const MAX_HEADS = 256

/**
 * Signs where the audit chains stand. Any number of processes may do it at once: a chain is marked as covered in the unit that writes its checkpoint,
 * and only by the one that read where it stood; the number of a checkpoint is taken once.
 */
export class Checkpoints {
  readonly #deps: CheckpointDeps
  #nextLookAt = 0
  #unitsSeen = 0
  #last: CheckpointRow | undefined

  constructor(deps: CheckpointDeps) {
    this.#deps = deps
  }

  /** Signs what has moved when it is time. Asks the store for nothing while its own process does little. */
  async tick(): Promise<void> {
    const { store, runtime } = this.#deps
    const leftMs = this.#nextLookAt - runtime.now()
    // A clock that was set back does not put it off.
    const isTime = leftMs <= 0 || leftMs > PERIOD_MS
    if (!isTime && store.stats().units - this.#unitsSeen < UNITS_WORTH_COUNTING) return
    await this.#signAll(isTime ? 1 : MAX_RECORDS)
    this.#unitsSeen = store.stats().units
    if (isTime) this.#nextLookAt = runtime.now() + PERIOD_MS
  }

  /** Signs all that has moved: the last act of a process that stops. */
  close(): Promise<void> {
    return this.#signAll(1)
  }

  /** One checkpoint after the other, if there are so many records, or more chains than fit into one. */
  async #signAll(atLeast: number): Promise<void> {
    let chains = await this.#sign(atLeast)
    while (chains === MAX_HEADS) chains = await this.#sign(1)
  }

  /** One checkpoint, if there are so many records for it. @returns how many chains it covers */
  async #sign(atLeast: number): Promise<number> {
    try {
      const made = await this.#deps.store.transact('checkpoint', (transaction) => this.#write(transaction, atLeast))
      if (!made) return 0
      this.#last = made
      return made.heads.length
    } catch (error) {
      // Another process took this number: what it did not cover is covered at the next look.
      if (isCountersignError(error, 'conflict')) return 0
      throw error
    }
  }

  async #write(transaction: Transaction, atLeast: number): Promise<CheckpointRow | undefined> {
    const { runtime, signer } = this.#deps
    // It holds many rows, so it waits for none: who writes to one may be waiting for another.
    const moved = (await openHeads(transaction, { limit: MAX_HEADS, skipLocked: true })).slice(0, MAX_HEADS)
    if (moved.length < MAX_HEADS && moved.reduce((sum, { number, signed }) => sum + number - signed, 0) < atLeast) return undefined
    const [last] = await transaction.find('checkpoints', {}, { orderBy: 'number', descending: true, limit: 1 })
    await this.#lookBack(transaction, last)
    const heads = await markAll(transaction, moved)
    if (heads.length === 0) return undefined
    const row = makeCheckpoint(runtime, signer, { last, at: runtime.now(), heads })
    await transaction.insert('checkpoints', row)
    return row
  }

  /** Who signs goes on from what it signed itself: a checkpoint that is gone, or is another, was taken away while the server ran. */
  async #lookBack(transaction: Transaction, last: CheckpointRow | undefined): Promise<void> {
    const mine = this.#last
    if (!mine || last?.hash === mine.hash) return
    const found = await transaction.get('checkpoints', { number: mine.number })
    if (found?.hash === mine.hash) return
    this.#deps.runtime.log.error('a checkpoint of the audit is gone or was changed: run "countersign audit verify"', {
      checkpoint: mine.hash,
    })
    this.#last = undefined
  }
}

async function markAll(transaction: Transaction, moved: readonly StreamHead[]): Promise<readonly CheckpointHead[]> {
  // In one go: whoever writes to one of these conversations waits until this unit ends.
  const marked = await Promise.all(moved.map((head) => markSigned(transaction, head)))
  return moved
    .filter((_head, index) => marked[index])
    .map(({ stream, signed, number, head }): CheckpointHead => [stream, signed, number, head])
}
