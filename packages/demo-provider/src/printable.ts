/** Control characters, lone surrogates and bidirectional overrides: they could make a page say something else than it holds. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u

/** Whether a text is 1 to `limit` characters that all show as what they are. */
export function isPrintable(text: string, limit: number): boolean {
  const length = Array.from(text).length
  return length > 0 && length <= limit && !UNPRINTABLE.test(text)
}
