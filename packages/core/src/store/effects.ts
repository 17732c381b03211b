import type { Bus } from './bus.ts'
import type { Channel } from './store.ts'

/** What a unit wants done once it is committed; dropped with a unit that failed. */
export class Effects {
  readonly #effects: (() => void)[] = []
  readonly #notified = new Set<`${Channel} ${string}`>()

  add(effect: () => void): void {
    this.#effects.push(effect)
  }

  notify(channel: Channel, id: string): void {
    this.#notified.add(`${channel} ${id}`)
  }

  /** Runs the effects in their order, then tells the bus: whoever is told finds them done. */
  run(bus: Bus): void {
    for (const effect of this.#effects) effect()
    for (const entry of this.#notified) {
      const space = entry.indexOf(' ')
      bus.publish(entry.slice(0, space) as Channel, entry.slice(space + 1))
    }
  }
}
