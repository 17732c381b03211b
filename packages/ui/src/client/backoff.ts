const FIRST_MS = 500
const LIMIT_MS = 30_000

/**
 * How long to wait before the next attempt: doubles up to half a minute, and is spread over its upper half so that many pages do not
 * return at once.
 * @param attempt 1 after the first failure
 * @param random between 0 and 1
 * @returns milliseconds
 */
export function backoffMs(attempt: number, random: number): number {
  const ceiling = Math.min(LIMIT_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 16))
  return Math.round(ceiling / 2 + (ceiling / 2) * random)
}
