import { writeSync } from 'node:fs'

/** The moments of a story, each announced on standard output before the next thing happens. At the fatal one the process kills itself. */
export class Points {
  readonly #fatal: string | undefined
  readonly #counts = new Map<string, number>()

  constructor(fatal: string | undefined) {
    this.#fatal = fatal
  }

  /** The n-th moment of this name has come. */
  pass(name: string): void {
    const count = (this.#counts.get(name) ?? 0) + 1
    this.#counts.set(name, count)
    const point = `${name} #${count}`
    writeSync(1, `${point}\n`)
    if (point === this.#fatal) process.kill(process.pid, 'SIGKILL')
  }
}
