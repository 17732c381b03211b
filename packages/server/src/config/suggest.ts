/** The known name nearest to a mistyped one, at most three edits away and closer than a wholly different name of that length. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const limit = Math.min(3, Math.floor(name.length / 2))
  let best: string | undefined
  let least = limit + 1
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase(), least)
    if (distance < least) [best, least] = [candidate, distance]
  }
  return best
}

/** The end of a sentence about an unknown name: the nearest known one, and all known ones. */
export function knownNames(name: string, known: readonly string[]): string {
  const near = nearest(name, known)
  const meant = near === undefined ? '' : `; did you mean "${near}"?`
  const all = known.length === 0 ? 'none' : known.slice(0, 40).join(', ') + (known.length > 40 ? ', …' : '')
  return `${meant === '' ? ';' : meant} known: ${all}`
}

/** Levenshtein distance; `limit` or more is not told apart. */
function editDistance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) >= limit) return limit
  let row = Array.from({ length: right.length + 1 }, (_, at) => at)
  for (let i = 1; i <= left.length; i++) {
    const next = [i]
    for (let j = 1; j <= right.length; j++) {
      const change = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    if (Math.min(...next) >= limit) return limit
    row = next
  }
  return row[right.length] ?? limit
}
