import type { BrowserRuntime } from '../client/browser-runtime.ts'

/** A press this soon after a button appeared was meant for something else. */
const GUARD_MS = 300

/** Tells a press that was meant from one that was on its way when the button appeared under it. */
export class PressGuard {
  #shownAt: number | null = null

  /** The button appears now. */
  show(runtime: BrowserRuntime): void {
    this.#shownAt = runtime.now()
  }

  isTooSoon(runtime: BrowserRuntime): boolean {
    return this.#shownAt === null || runtime.now() - this.#shownAt < GUARD_MS
  }
}
