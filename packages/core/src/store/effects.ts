import type { Bus } from './bus.ts'
import type { EventRow } from './rows.ts'
import type { Channel } from './store.ts'

interface Notice {
  readonly channel: Channel
  readonly id: string
  readonly appended: readonly EventRow[] | undefined
}

/** What a unit wants done once it is committed; dropped with a unit that failed. */
export class Effects {
  readonly #effects: (() => void)[] = []
  readonly #notices = new Map<string, Notice>()

  add(effect: () => void): void {
    this.#effects.push(effect)
  }

  /** Each id of a channel is told once; what was appended is told only if all of it is known. */
  notify(channel: Channel, id: string, appended?: readonly EventRow[]): void {
    const key = `${channel} ${id}`
    const earlier = this.#notices.get(key)
    const all = earlier === undefined ? appended : earlier.appended && appended && [...earlier.appended, ...appended]
    this.#notices.set(key, { channel, id, appended: all })
  }

  /** Runs the effects in their order, then tells the bus: whoever is told finds them done. */
  run(bus: Bus): void {
    for (const effect of this.#effects) effect()
    for (const { channel, id, appended } of this.#notices.values()) bus.publish(channel, id, appended)
  }
}
