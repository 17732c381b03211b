/** The text of a LangChain message's content: the whole string, or its text parts in order; other parts are left out. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content.map(partText).join('')
}

function partText(part: unknown): string {
  if (typeof part === 'string') return part
  if (typeof part !== 'object' || part === null || !('type' in part) || !('text' in part)) return ''
  const isText = part.type === 'text' || part.type === 'text_delta'
  return isText && typeof part.text === 'string' ? part.text : ''
}
