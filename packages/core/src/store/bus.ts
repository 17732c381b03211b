import type { Channel } from './store.ts'

/** In-process wake-ups: who listens to a channel is called with the id. */
export class Bus {
  readonly #listeners: Record<Channel, Set<(id: string) => void>> = { run: new Set(), conversation: new Set() }

  subscribe(channel: Channel, listener: (id: string) => void): () => void {
    this.#listeners[channel].add(listener)
    return () => this.#listeners[channel].delete(listener)
  }

  publish(channel: Channel, id: string): void {
    for (const listener of this.#listeners[channel]) listener(id)
  }
}
