import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { BrowserRuntime } from '../client/browser-runtime.ts'

/** Redraws its element every second while `isNeeded` says so: for countdowns. */
export class SecondTicker implements ReactiveController {
  readonly #host: ReactiveControllerHost & { readonly runtime: BrowserRuntime }
  readonly #isNeeded: () => boolean
  #cancel: (() => void) | null = null

  constructor(host: ReactiveControllerHost & { readonly runtime: BrowserRuntime }, isNeeded: () => boolean) {
    this.#host = host
    this.#isNeeded = isNeeded
    host.addController(this)
  }

  hostUpdated(): void {
    if (this.#cancel !== null || !this.#isNeeded()) return
    this.#cancel = this.#host.runtime.setTimer(() => {
      this.#cancel = null
      this.#host.requestUpdate()
    }, 1000)
  }

  hostConnected(): void {
    this.#host.requestUpdate()
  }

  hostDisconnected(): void {
    this.#cancel?.()
    this.#cancel = null
  }
}
