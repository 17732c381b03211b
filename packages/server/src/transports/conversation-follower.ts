import type { LoggedEvent, Rows, Store } from '@countersign/core'

/** How many events one read takes: a long log does not fill the memory of a slow client's socket at once. */
const BATCH = 500

/**
 * Follows the log of one conversation from a sequence number on. What a commit brings along is a shortcut; the rows decide, and a missed hint is made good by the next,
 * and by a slow look of its own.
 */
export class ConversationFollower {
  readonly #store: Store
  readonly #conversationId: string
  readonly #deliver: (event: LoggedEvent) => void
  readonly #stopListening: () => void
  #seq: number
  #isReading = false
  #isBehind = false
  #isStopped = false

  constructor(store: Store, from: { readonly conversationId: string; readonly seq: number }, deliver: (event: LoggedEvent) => void) {
    this.#store = store
    this.#conversationId = from.conversationId
    this.#seq = from.seq
    this.#deliver = deliver
    this.#stopListening = store.subscribe('conversation', (id, appended) => {
      if (id === this.#conversationId) this.#hear(appended)
    })
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
        this.#isBehind = false
        await this.#readBatch()
      }
    } finally {
      this.#isReading = false
    }
  }

  /** Takes what the commit has brought along if it follows on what was delivered; else it looks for itself. */
  #hear(appended: readonly Rows['events'][] | undefined): void {
    if (this.#isReading || appended?.[0]?.seq !== this.#seq + 1) void this.read()
    else this.#take(appended)
  }

  stop(): void {
    this.#isStopped = true
    this.#stopListening()
  }

  async #readBatch(): Promise<void> {
    const where = { conversationId: this.#conversationId, seq: { above: this.#seq } }
    const rows = await this.#store.transact('follow', (transaction) => transaction.find('events', where, { orderBy: 'seq', limit: BATCH }))
    this.#take(rows)
    if (rows.length === BATCH) this.#isBehind = true
  }

  #take(rows: readonly Rows['events'][]): void {
    for (const { seq, at, event } of rows) {
      if (this.#isStopped) return
      this.#seq = seq
      this.#deliver({ seq, at, event })
    }
  }
}
