/** How far a part of the soak is; told after each of its rounds. */
export type Progress = (done: number) => void

/** Where a soak says how far it is. */
export interface Terminal {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** How often a terminal's line is written anew, and how often a line is added where there is no terminal, milliseconds. */
const OFTEN_MS = { terminal: 200, plain: 10_000 }

/** Tells how far the rounds of a part are, and how long they will take: on one line of a terminal, else on a line now and then. */
export class Watch {
  readonly #terminal: Terminal
  readonly #now: () => number
  #line = ''

  constructor(terminal: Terminal, now: () => number) {
    this.#terminal = terminal
    this.#now = now
  }

  /** A sentence that stays. */
  say(sentence: string): void {
    const isOver = this.#line !== ''
    this.#terminal.write(`${isOver ? '\r\x1b[K' : ''}${sentence}\n${this.#line}`)
  }

  /** Follows a part through its rounds. */
  follow(part: string, rounds: number): Progress {
    const startedAt = this.#now()
    const isTerminal = this.#terminal.isTTY === true
    let saidAt = startedAt
    return (done) => {
      const now = this.#now()
      const isLast = done === rounds
      if (!isLast && now - saidAt < (isTerminal ? OFTEN_MS.terminal : OFTEN_MS.plain)) return
      saidAt = now
      const left = isLast ? '' : `, ${duration(((now - startedAt) / done) * (rounds - done))} to go`
      const line = `  ${part}: round ${done} of ${rounds}${left}`
      this.#line = isTerminal && !isLast ? line : ''
      this.#terminal.write(isTerminal ? `\r\x1b[K${line}${isLast ? '\n' : ''}` : `${line}\n`)
    }
  }
}

/** Milliseconds as a person would say them. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1_000)
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
}
