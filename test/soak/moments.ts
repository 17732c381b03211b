/** What happens in a soak, by name; somebody may wait for a moment to strike at it. */
export class Moments {
  #waiting: { readonly name: string; left: number; readonly strike: (pid: number | undefined) => void } | undefined

  /** A moment has come. @param pid the process that it happens to, where that is known */
  pass(name: string, pid?: number): void {
    const waiting = this.#waiting
    if (waiting?.name !== name) return
    waiting.left -= 1
    if (waiting.left > 0) return
    this.#waiting = undefined
    waiting.strike(pid)
  }

  /** Strikes at the n-th moment of this name from now on, in the middle of it; at most one waits. @returns a function that gives it up */
  at(name: string, nth: number, strike: (pid: number | undefined) => void): () => void {
    const waiting = { name, left: nth, strike }
    this.#waiting = waiting
    return () => {
      if (this.#waiting === waiting) this.#waiting = undefined
    }
  }
}
