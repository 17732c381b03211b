/** What may be wrong: something is gone that was there, or something happened more often than it may. */
export type Fault = 'lost' | 'doubled'

/** What a part of the soak has found wrong, as sentences. Each stands once. */
export class Findings {
  readonly #seen = new Set<string>()
  readonly #tell: (fault: Fault, sentence: string) => void
  readonly lost: string[] = []
  readonly doubled: string[] = []

  /** @param tell told of each as it is found */
  constructor(tell: (fault: Fault, sentence: string) => void = () => undefined) {
    this.#tell = tell
  }

  add(fault: Fault, sentence: string): void {
    if (this.#seen.has(`${fault} ${sentence}`)) return
    this.#seen.add(`${fault} ${sentence}`)
    this[fault].push(sentence)
    this.#tell(fault, sentence)
  }

  /** For checks that read as a list of what must be so. */
  must(holds: boolean, fault: Fault, sentence: string): void {
    if (!holds) this.add(fault, sentence)
  }

  /** The same, each finding with where it was made. */
  at(place: string): Findings {
    return new Findings((fault, sentence) => this.add(fault, `${place}: ${sentence}`))
  }

  get isClean(): boolean {
    return this.lost.length + this.doubled.length === 0
  }
}
