/** One measured figure, and the floor it was measured against in the same run. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** The same job with the bare parts, in the same unit; null where there is nothing to compare with. */
  readonly floor: number | null
  /** value / floor: for rates more is better, for times and sizes less. */
  readonly ratio: number | null
}

/** A claim: what it measures, and how. */
export interface Claim {
  readonly name: string
  /** `say` tells the reader how far it is. */
  readonly measure: (say: (progress: string) => void) => Promise<readonly Figure[]>
}

/** A figure with its floor. */
export function compared(name: string, unit: string, against: { value: number; floor: number; ratio?: number }): Figure {
  const { value, floor, ratio = value / floor } = against
  return { name, unit, value: rounded(value), floor: rounded(floor), ratio: rounded(ratio) }
}

/** A figure that stands for itself. */
export function plain(name: string, unit: string, value: number): Figure {
  return { name, unit, value: rounded(value), floor: null, ratio: null }
}

/** The figures as a table of plain text. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, unit, floor, ratio }) => [
    name,
    text(value),
    unit,
    text(floor),
    ratio === null ? '' : `${ratio} ×`,
  ])
  const all = [['figure', 'value', 'unit', 'floor', 'ratio'], ...rows]
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  const isText = (column: number): boolean => column === 0 || column === 2
  return all
    .map((row) =>
      row.map((cell, column) => (isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '),
    )
    .map((line) => line.trimEnd())
    .join('\n')
}

function text(value: number | null): string {
  return value === null ? '' : String(value)
}

/** Three digits: more would be noise. */
function rounded(value: number): number {
  return Number(value.toPrecision(Math.max(3, Math.trunc(value).toString().length)))
}
