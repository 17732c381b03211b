import type { EventRow } from './rows.ts'
import type { Channel, Listener } from './store.ts'

/** Who listens, by the id they listen to; under undefined those who listen to all. */
type Listeners = Map<string | undefined, Set<Listener>>

/** In-process wake-ups: who listens to a channel, or to one id of it, is called with the id. However many listen, others cost nothing. */
export class Bus {
  readonly #listeners: Record<Channel, Listeners> = { run: new Map(), conversation: new Map(), session: new Map() }

  subscribe(channel: Channel, listener: Listener, id?: string): () => void {
    const byId = this.#listeners[channel]
    const listeners = byId.get(id) ?? new Set()
    byId.set(id, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && byId.get(id) === listeners) byId.delete(id)
    }
  }

  publish(channel: Channel, id: string, appended?: readonly EventRow[]): void {
    const byId = this.#listeners[channel]
    for (const listeners of [byId.get(undefined), byId.get(id)]) for (const listener of listeners ?? []) listener(id, appended)
  }

  /** The ids of a channel to which somebody listens. */
  *listenedTo(channel: Channel): Iterable<string> {
    for (const id of this.#listeners[channel].keys()) if (id !== undefined) yield id
  }
}
