import type { Adapter, AdapterPayload } from 'oidc-provider'

/**
 * Everything the provider knows about running sign-ins, in memory: one bounded shelf per kind of thing.
 * Expiry is not its business, oidc-provider checks `exp` on all it reads; the limit keeps a long-running demo small.
 */
export class MemoryStore {
  readonly #shelves: Shelf[] = []
  readonly #limitPerKind: number

  /** @param limitPerKind how many things of one kind are kept, the one longest not written goes first */
  constructor(limitPerKind = 5000) {
    this.#limitPerKind = limitPerKind
  }

  /** The shelf for one kind of thing, as oidc-provider wants it. */
  open(): Adapter {
    const shelf = new Shelf(this.#limitPerKind)
    this.#shelves.push(shelf)
    return shelf
  }

  /** Forgets all of it, as a restart would. */
  clear(): void {
    for (const shelf of this.#shelves) shelf.clear()
  }
}

class Shelf implements Adapter {
  readonly #payloads = new Map<string, AdapterPayload>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  clear(): void {
    this.#payloads.clear()
  }

  async upsert(id: string, payload: AdapterPayload): Promise<void> {
    this.#payloads.delete(id)
    this.#payloads.set(id, payload)
    const [oldest] = this.#payloads.keys()
    if (this.#payloads.size > this.#limit && oldest !== undefined) this.#payloads.delete(oldest)
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return this.#payloads.get(id)
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return [...this.#payloads.values()].find((payload) => payload.uid === uid)
  }

  async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return [...this.#payloads.values()].find((payload) => payload.userCode === userCode)
  }

  async consume(id: string): Promise<void> {
    const payload = this.#payloads.get(id)
    if (payload !== undefined) this.#payloads.set(id, { ...payload, consumed: true })
  }

  async destroy(id: string): Promise<void> {
    this.#payloads.delete(id)
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [id, payload] of this.#payloads) {
      if (payload.grantId === grantId) this.#payloads.delete(id)
    }
  }
}
