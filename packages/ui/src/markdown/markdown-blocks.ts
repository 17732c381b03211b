import { marked, type Token, type TokensList } from 'marked'

/** One top-level piece of a Markdown text. The same piece of a longer text is the same object, so that it is drawn once. */
export interface MarkdownBlock {
  readonly raw: string
  readonly token: Token
}

/** A Markdown text as blocks. */
export interface MarkdownBlocks {
  readonly text: string
  readonly blocks: readonly MarkdownBlock[]
}

/** No text yet. */
export const noBlocks: MarkdownBlocks = { text: '', blocks: [] }

/**
 * The blocks of a text that grew: only what may still change, the last block and what follows, is read again. A text that did not
 * simply grow is read whole, and unchanged blocks are kept.
 * @param isComplete reads all of it once more, because a link's definition at the end reaches back into earlier blocks
 */
export function growBlocks(known: MarkdownBlocks, text: string, isComplete = false): MarkdownBlocks {
  if (text === known.text && !isComplete) return known
  const isGrown = !isComplete && text.startsWith(known.text)
  const stable = isGrown ? known.blocks.slice(0, stableCount(known.blocks)) : []
  const offset = stable.reduce((length, { raw }) => length + raw.length, 0)
  const read = readBlocks(text.slice(offset))
  const reusable = known.blocks.slice(stable.length)
  const tail = read.map((block, index) => (isSame(block, reusable[index], isComplete) ? (reusable[index] ?? block) : block))
  return { text, blocks: [...stable, ...tail] }
}

/** The last block that is not blank may still grow, and so may nothing before it. */
function stableCount(blocks: readonly MarkdownBlock[]): number {
  const last = blocks.findLastIndex(({ token }) => token.type !== 'space')
  return Math.max(0, last)
}

function readBlocks(text: string): readonly MarkdownBlock[] {
  const tokens: TokensList = marked.lexer(text)
  return tokens.map((token) => ({ raw: token.raw, token }))
}

/** At the end a block with brackets is taken anew: its references may have been resolved since. */
function isSame(block: MarkdownBlock, known: MarkdownBlock | undefined, isComplete: boolean): boolean {
  return known !== undefined && known.raw === block.raw && !(isComplete && block.raw.includes(']'))
}
