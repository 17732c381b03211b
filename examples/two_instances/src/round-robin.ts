/** Somebody to send work to. */
export interface Target {
  readonly name: string
  readonly port: number
}

/** All of them each time, beginning with the next: whoever is tried first does not answer is followed by the others. */
export function roundRobin<T>(targets: readonly T[]): () => readonly T[] {
  let turn = 0
  return () => {
    const first = turn++ % targets.length
    return [...targets.slice(first), ...targets.slice(0, first)]
  }
}
