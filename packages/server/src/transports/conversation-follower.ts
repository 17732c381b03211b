import type { LoggedEvent, Rows, Store, Transaction } from '@countersign/core'

/** How many events one read takes: the longest are 100 kB, and a read is one turn of the event loop. */
const BATCH = 100

/** Who reads a log. */
export interface LogReader {
  /** @param after the `seq` of the event before it, as far as they are kept */
  readonly deliver: (event: LoggedEvent, after: number) => void
  /** The log is no longer kept up to that `seq`, and the reader has not seen it all; absent: it need not know. */
  readonly skip?: (seq: number) => void
  /** How far the reader has come with what was missed; absent: as fast as it is read. */
  readonly pace?: { readonly isFull: boolean; room(): Promise<void> }
  /** Whether the reader may read it, asked before the first event; absent: known already. A conversation may come into being while somebody else waits for its id. */
  readonly mayRead?: (conversation: Rows['conversations']) => boolean
}

/** Follows the log of one conversation from a sequence number on. What a commit brings along is a shortcut; the rows decide, and a missed hint is made good by the next. */
export class ConversationFollower {
  readonly #store: Store
  readonly #conversationId: string
  readonly #reader: LogReader
  readonly #stopListening: () => void
  #seq: number
  #isReading = false
  #isBehind = false
  #isStopped = false
  #isAllowed: boolean

  constructor(store: Store, from: { readonly conversationId: string; readonly seq: number }, reader: LogReader) {
    this.#store = store
    this.#conversationId = from.conversationId
    this.#seq = from.seq
    this.#reader = reader
    this.#isAllowed = reader.mayRead === undefined
    this.#stopListening = store.subscribe('conversation', (_id, appended) => this.#hear(appended), from.conversationId)
  }

  get seq(): number {
    return this.#seq
  }

  /** Delivers what is new; calls that come meanwhile are joined into one more look. */
  async read(): Promise<void> {
    this.#isBehind = true
    if (this.#isReading) return
    this.#isReading = true
    try {
      while (this.#isBehind && !this.#isStopped) {
        await this.#reader.pace?.room()
        this.#isBehind = false
        if (!this.#isStopped) await this.#readBatch()
      }
    } finally {
      this.#isReading = false
    }
  }

  /** Takes what the commit has brought along if it follows on what was delivered; else it looks for itself. */
  #hear(appended: readonly Rows['events'][] | undefined): void {
    if (this.#isAllowed && !this.#isReading && appended?.[0]?.seq === this.#seq + 1) for (const row of appended) this.#deliver(row)
    // The rows stay where they are: a read that failed is made good by the next.
    else void this.read().catch(() => undefined)
  }

  stop(): void {
    this.#isStopped = true
    this.#stopListening()
  }

  async #readBatch(): Promise<void> {
    const where = { conversationId: this.#conversationId, seq: { above: this.#seq } }
    const { whose, rows, keptFrom } = await this.#store.transact('follow', async (transaction) => {
      const owner = this.#isAllowed ? 'reader' : await this.#whose(transaction)
      const found = owner === 'reader' ? await transaction.find('events', where, { orderBy: 'seq', limit: BATCH }) : []
      return { whose: owner, rows: found, keptFrom: await this.#keptFrom(transaction, found[0]) }
    })
    if (whose === 'foreign') return this.stop()
    this.#isAllowed = whose === 'reader'
    if (keptFrom > this.#seq + 1 && !this.#isStopped) this.#skip(keptFrom - 1)
    for (const row of rows) {
      if (this.#reader.pace?.isFull) break
      if (row.seq > this.#seq) this.#deliver(row)
    }
    const last = rows.at(-1)
    if (last && (rows.length === BATCH || last.seq > this.#seq)) this.#isBehind = true
  }

  async #whose(transaction: Transaction): Promise<'reader' | 'foreign' | 'nobody'> {
    const conversation = await transaction.get('conversations', { id: this.#conversationId })
    if (!conversation) return 'nobody'
    return this.#reader.mayRead?.(conversation) === false ? 'foreign' : 'reader'
  }

  /** Numbers have no gaps: what does not follow on, follows on what was removed. @returns 0 where nothing was */
  async #keptFrom(transaction: Transaction, first: Rows['events'] | undefined): Promise<number> {
    if (!first || first.seq === this.#seq + 1) return 0
    const conversation = await transaction.get('conversations', { id: this.#conversationId })
    return conversation?.keptFrom ?? 0
  }

  #skip(seq: number): void {
    // First: a reader that does not go on from there leaves off where it was.
    this.#reader.skip?.(seq)
    if (!this.#isStopped) this.#seq = seq
  }

  #deliver({ seq, at, event }: Rows['events']): void {
    if (this.#isStopped) return
    const after = this.#seq
    this.#seq = seq
    this.#reader.deliver({ seq, at, event }, after)
  }
}
