import type { NatEncoder } from './nat-encoder.ts'

/** How many are kept: the oldest go first. */
const MAX_BOOKMARKS = 1_000
/** How long one is kept, milliseconds: a client that wants its place back comes within seconds. */
const KEEP_MS = 10 * 60_000

/** Where a NAT client had got to in a conversation, and what it had been told. */
export interface Bookmark {
  readonly encoder: NatEncoder
  readonly seq: number
}

/** The places of NAT clients that went away: they cannot say themselves what they have seen, and would miss what happens meanwhile. */
export class Bookmarks {
  readonly #now: () => number
  readonly #kept = new Map<string, Bookmark & { readonly until: number }>()

  constructor(now: () => number) {
    this.#now = now
  }

  keep(reader: string, conversationId: string, bookmark: Bookmark): void {
    const key = keyOf(reader, conversationId)
    this.#kept.delete(key)
    this.#kept.set(key, { ...bookmark, until: this.#now() + KEEP_MS })
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > MAX_BOOKMARKS && oldest !== undefined) this.#kept.delete(oldest)
  }

  /** Hands it out, once. */
  take(reader: string, conversationId: string): Bookmark | undefined {
    const key = keyOf(reader, conversationId)
    const kept = this.#kept.get(key)
    this.#kept.delete(key)
    return kept && this.#now() < kept.until ? kept : undefined
  }
}

function keyOf(reader: string, conversationId: string): string {
  return JSON.stringify([reader, conversationId])
}
