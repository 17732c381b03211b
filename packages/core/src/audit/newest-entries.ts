import type { AuditRow, CheckpointHead, CheckpointRow } from '../store/rows.ts'
import type { Store, Transaction } from '../store/store.ts'
import { type StreamHead, openHeads } from './stream-heads.ts'

/** What a reader of the trail is shown: a record, or a checkpoint. */
export type AuditEntry = { readonly record: AuditRow } | { readonly checkpoint: CheckpointRow }

/** What is shown of a trail. */
export interface Shown {
  /** Records of this chain only. */
  readonly stream?: string
  readonly isShown: (entry: AuditEntry) => boolean
}

/** How many chains are asked at once for what is new in them. */
const MAX_OPEN = 10_000
/** How many checkpoints are read at once. */
const PAGE = 8

/**
 * Reads a trail from its newest end. Records are found by the chains that have moved and by the checkpoints that name them, so it costs what
 * it shows, however long the trail is.
 */
export class NewestEntries {
  readonly #store: Store
  readonly #shows: Shown
  /** The newest checkpoint that was shown. */
  #checkpoint = 0
  /** Up to which record the chains were shown that no checkpoint covers yet. */
  #shown = new Map<string, number>()

  constructor(store: Store, shows: Shown) {
    this.#store = store
    this.#shows = shows
  }

  /** The newest entries, oldest first. */
  async last(count: number): Promise<readonly AuditEntry[]> {
    const { open, newest } = await this.#transact(async (transaction) => ({
      open: await openHeads(transaction, { limit: MAX_OPEN }),
      newest: (await transaction.find('checkpoints', {}, { orderBy: 'number', descending: true, limit: 1 }))[0]?.number ?? 0,
    }))
    this.#checkpoint = newest
    for (const { stream, number } of open) this.#shown.set(stream, number)
    const found = (await this.#segments(open.map(tailOf))).filter(this.#shows.isShown)
    for (let upTo = newest; found.length < count && upTo > 0; upTo -= PAGE) {
      const page = await this.#transact((transaction) =>
        transaction.find('checkpoints', { number: { atMost: upTo } }, { orderBy: 'number', descending: true, limit: PAGE }),
      )
      for (const row of page) found.push(...(await this.#covered(row)))
    }
    return inOrder(found).slice(-count)
  }

  /** What has come since the last look, oldest first. */
  async next(): Promise<readonly AuditEntry[]> {
    // The open chains first: what a checkpoint covers meanwhile is then seen twice rather than never, and told apart by its number.
    const { open, made } = await this.#transact(async (transaction) => ({
      open: await openHeads(transaction, { limit: MAX_OPEN }),
      made: await transaction.find('checkpoints', { number: { above: this.#checkpoint } }, { orderBy: 'number' }),
    }))
    const entries: AuditEntry[] = []
    for (const checkpoint of made) {
      entries.push({ checkpoint })
      entries.push(...(await this.#segments(checkpoint.heads.map((head) => this.#unshown(head)))))
      for (const [stream, , number] of checkpoint.heads) this.#shown.set(stream, Math.max(number, this.#shown.get(stream) ?? 0))
      this.#checkpoint = checkpoint.number
    }
    entries.push(...(await this.#segments(open.map((head) => this.#unshown(tailOf(head))))))
    // Chains that no checkpoint is waited for are known by their next one.
    this.#shown = new Map(open.map(({ stream, number }) => [stream, Math.max(number, this.#shown.get(stream) ?? 0)]))
    return inOrder(entries.filter(this.#shows.isShown))
  }

  async #covered(checkpoint: CheckpointRow): Promise<readonly AuditEntry[]> {
    return [{ checkpoint }, ...(await this.#segments(checkpoint.heads))].filter(this.#shows.isShown)
  }

  #unshown([stream, from, number, head]: CheckpointHead): CheckpointHead {
    return [stream, Math.max(from, this.#shown.get(stream) ?? 0), number, head]
  }

  async #segments(heads: readonly CheckpointHead[]): Promise<AuditEntry[]> {
    const entries: AuditEntry[] = []
    for (const [stream, from, number] of heads) {
      if (number <= from || (this.#shows.stream ?? stream) !== stream) continue
      const where = { stream, number: { above: from } }
      const rows = await this.#transact((transaction) => transaction.find('audits', where, { orderBy: 'number', limit: number - from }))
      for (const record of rows) entries.push({ record })
    }
    return entries
  }

  #transact<T>(unit: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.#store.transact('audit-tail', unit)
  }
}

function tailOf({ stream, signed, number, head }: StreamHead): CheckpointHead {
  return [stream, signed, number, head]
}

/** By time; what came in the same millisecond by chain and number, and a checkpoint after what it covers. */
function inOrder(entries: readonly AuditEntry[]): readonly AuditEntry[] {
  return entries.toSorted((left, right) => {
    const [[at, stream, number], [otherAt, otherStream, otherNumber]] = [placeOf(left), placeOf(right)]
    if (at !== otherAt) return at - otherAt
    if (stream !== otherStream) return stream < otherStream ? -1 : 1
    return number - otherNumber
  })
}

function placeOf(entry: AuditEntry): readonly [at: number, stream: string, number: number] {
  if ('record' in entry) return [entry.record.at, entry.record.stream, entry.record.number]
  return [entry.checkpoint.at, LAST, entry.checkpoint.number]
}

/** Comes after the name of every chain. */
const LAST = '\uffff'
