/** A stored row without its type: what drivers work on. */
export type PlainRow = Readonly<Record<string, unknown>>

/** Whether a row passes a `Where`. The meaning all drivers share. */
export function matches(row: PlainRow, where: PlainRow): boolean {
  for (const column in where) if (!passes(row[column], where[column])) return false
  return true
}

/** The row after a `Change`. */
export function changed(row: PlainRow, change: PlainRow): PlainRow {
  const next: Record<string, unknown> = { ...row }
  for (const column in change) {
    const value = change[column]
    next[column] = isAddition(value) ? Number(row[column]) + value.add : value
  }
  return next
}

/** Whether a change adds to the column. JSON columns hold objects too, but none with only a numeric `add`. */
export function isAddition(value: unknown): value is { readonly add: number } {
  return typeof value === 'object' && value !== null && 'add' in value && typeof value.add === 'number' && Object.keys(value).length === 1
}

function passes(value: unknown, test: unknown): boolean {
  if (typeof test !== 'object' || test === null) return value === test
  if ('above' in test) return isAbove(value, test.above)
  if ('atMost' in test) return typeof value === 'number' && value <= Number(test.atMost)
  if ('oneOf' in test) return Array.isArray(test.oneOf) && test.oneOf.includes(value)
  if ('not' in test) return value !== null && value !== test.not
  return false
}

/** Values of different kinds are not compared. */
function isAbove(value: unknown, bound: unknown): boolean {
  if (typeof value === 'string') return typeof bound === 'string' && value > bound
  return typeof value === 'number' && typeof bound === 'number' && value > bound
}
