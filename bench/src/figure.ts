/** What a figure is to come to: `≤ 75` of its value, `≥ 0.9 ×` of its ratio to the floor. */
export type Goal = `${'≥' | '≤'} ${number}${'' | ' ×'}`

/** One measured figure, the floor it was measured against in the same run, and its goal. */
export interface Figure {
  readonly name: string
  /** Null for what cannot be measured yet; the unit then says why. */
  readonly value: number | null
  readonly unit: string
  /** The same job with the bare parts, in the same unit; null where there is nothing to compare with. */
  readonly floor: number | null
  /** value / floor: for rates more is better, for times and sizes less. */
  readonly ratio: number | null
  readonly goal: Goal | null
  /** Null without a goal. */
  readonly isMet: boolean | null
}

/** Tells the reader how far a measurement is. */
export type Say = (progress: string) => void

/** A claim: what it measures, and how. */
export interface Claim {
  readonly name: string
  readonly measure: (say: Say) => Promise<readonly Figure[]>
}

/** What a figure with a floor is made of; without a ratio of its own it is that of value and floor. */
export interface Against {
  readonly value: number
  readonly floor: number
  readonly ratio?: number
  readonly goal?: Goal | null
}

/** A figure with its floor. */
export function compared(name: string, unit: string, against: Against): Figure {
  const { value, floor, ratio = value / floor, goal = null } = against
  return { name, value: rounded(value), unit, floor: rounded(floor), ratio: rounded(ratio), goal, isMet: goal && isMet(goal, value, ratio) }
}

/** A figure that stands for itself. */
export function plain(name: string, unit: string, { value, goal = null }: { value: number; goal?: Goal | null }): Figure {
  return { name, value: rounded(value), unit, floor: null, ratio: null, goal, isMet: goal && isMet(goal, value, Number.NaN) }
}

/** A goal that nothing can be measured for yet. */
export function open(name: string, goal: Goal, why: string): Figure {
  return { name, value: null, unit: why, floor: null, ratio: null, goal, isMet: false }
}

/** The figures as a table of plain text, and how many goals are met. */
export function table(figures: readonly Figure[]): string {
  const rows = [
    ['figure', 'value', 'unit', 'floor', 'ratio', 'goal', 'met'],
    ...figures.map(({ name, value, unit, floor, ratio, goal, isMet: met }) => [
      name,
      text(value),
      unit,
      text(floor),
      ratio === null ? '' : `${ratio} ×`,
      goal ?? '',
      met === null ? '' : met ? 'yes' : 'no',
    ]),
  ]
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  const lines = rows.map((row) => row.map((cell, column) => aligned(cell, { column, width: widths[column] ?? 0 })).join('  '))
  const withGoal = figures.filter(({ goal }) => goal !== null)
  const count = `${withGoal.filter((figure) => figure.isMet).length} of ${withGoal.length} goals are met.`
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n\n${count}`
}

/** Names and units begin on the left, all else ends on the right. */
function aligned(cell: string, { column, width }: { column: number; width: number }): string {
  return column === 0 || column === 2 ? cell.padEnd(width) : cell.padStart(width)
}

function isMet(goal: Goal, value: number, ratio: number): boolean {
  const [sign, limit, times] = goal.split(' ')
  const figure = times === undefined ? value : ratio
  return sign === '≥' ? figure >= Number(limit) : figure <= Number(limit)
}

function text(value: number | null): string {
  return value === null ? '' : String(value)
}

/** Three digits: more would be noise. */
function rounded(value: number): number {
  return Number(value.toPrecision(Math.max(3, Math.trunc(value).toString().length)))
}
