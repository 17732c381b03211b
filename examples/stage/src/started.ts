/** What an example has started so far: it ends in turn, also when one of them fails to start. */
export class Started {
  readonly #parts: { stop(): Promise<void> }[] = []

  async keep<T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> {
    const part = await starting
    this.#parts.push(part)
    return part
  }

  /** Ends all of it, the last first. */
  readonly stop = async (): Promise<void> => {
    for (const part of this.#parts.splice(0).toReversed()) await part.stop()
  }
}
