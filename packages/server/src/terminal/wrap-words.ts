/** Words in one style. */
export interface Words {
  readonly text: string
  readonly style?: Style | undefined
}

/** How words may look. */
export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan'

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
/** What takes two columns: East Asian wide and full-width characters (UAX #11), and emoji. */
const wide =
  /\p{Emoji_Presentation}|\uFE0F|[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}]/u

/** How many columns of a terminal a text takes on one line. */
export function columnsOf(text: string): number {
  let columns = 0
  for (const { segment } of graphemes.segment(text)) columns += wide.test(segment) ? 2 : 1
  return columns
}

/**
 * Breaks words into lines of at most so many columns, between words; an address or another long word is never broken, so that it can be copied.
 * @param width columns; Infinity: only where the text itself breaks
 */
export function wrapWords(words: readonly Words[], width: number): readonly (readonly Words[])[] {
  const lines: Words[][] = [[]]
  let used = 0
  for (const { text, style } of words)
    for (const part of text.split(/(\n)|(?<= )(?! )/u).filter((found) => found !== undefined && found !== '')) {
      const columns = columnsOf(part.trimEnd())
      if (part === '\n' || (used > 0 && used + columns > width)) {
        lines.push([])
        used = 0
      }
      if (part === '\n') continue
      add(lines.at(-1), { text: part, style })
      used += columnsOf(part)
    }
  return lines
}

/** Words that look the same go together. */
function add(line: Words[] | undefined, words: Words): void {
  const last = line?.at(-1)
  if (last && last.style === words.style) line?.splice(-1, 1, { ...last, text: last.text + words.text })
  else line?.push(words)
}
