import type { ReactiveController, ReactiveControllerHost } from 'lit'

/** Where the focus goes when what had it is no longer drawn: never to nowhere. */
export class FocusKeeper implements ReactiveController {
  readonly #host: ReactiveControllerHost & Element
  readonly #land: () => void
  #before: Element | null = null

  /** @param land puts the focus where the person goes on */
  constructor(host: ReactiveControllerHost & Element, land: () => void) {
    this.#host = host
    this.#land = land
    host.addController(this)
  }

  hostUpdate(): void {
    this.#before = this.#host.shadowRoot?.activeElement ?? null
  }

  hostUpdated(): void {
    if (this.#before?.isConnected === false) this.#land()
  }
}
