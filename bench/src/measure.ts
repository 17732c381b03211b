/** One thing to measure: does its job once and tells its figure, such as cycles per second. */
export type Measurement = () => Promise<number>

/** The middle of some figures. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((left, right) => left - right)
  const middle = sorted.length / 2
  if (sorted.length === 0) return Number.NaN
  const upper = sorted[Math.floor(middle)] ?? Number.NaN
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? Number.NaN) + upper) / 2 : upper
}

/** What interleaved rounds came to: the median of each, and the median of their quotients within a round. */
export interface Compared {
  readonly floor: number
  readonly values: readonly number[]
  /** value / floor, taken round by round, so that a slow minute of the machine slows both. */
  readonly ratios: readonly number[]
}

/**
 * Measures the floor and its rivals in turns: a machine whose speed wanders makes absolute figures wander, their ratio much less. The order
 * alternates, so that neither always comes first.
 */
export async function interleave(floor: Measurement, rivals: readonly Measurement[], rounds: number): Promise<Compared> {
  const all = [floor, ...rivals]
  const figures: number[][] = all.map(() => [])
  for (let round = 0; round < rounds; round += 1) {
    const order = [...all.keys()]
    if (round % 2 === 1) order.reverse()
    for (const index of order) figures[index]?.push((await all[index]?.()) ?? Number.NaN)
  }
  const [floors = [], ...others] = figures
  return {
    floor: median(floors),
    values: others.map(median),
    ratios: others.map((values) => median(values.map((value, round) => value / (floors[round] ?? Number.NaN)))),
  }
}
