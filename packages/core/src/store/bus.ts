import type { EventRow } from './rows.ts'
import type { Channel, Listener } from './store.ts'

/** In-process wake-ups: who listens to a channel is called with the id. */
export class Bus {
  readonly #listeners: Record<Channel, Set<Listener>> = { run: new Set(), conversation: new Set(), session: new Set() }

  subscribe(channel: Channel, listener: Listener): () => void {
    this.#listeners[channel].add(listener)
    return () => this.#listeners[channel].delete(listener)
  }

  publish(channel: Channel, id: string, appended?: readonly EventRow[]): void {
    for (const listener of this.#listeners[channel]) listener(id, appended)
  }
}
