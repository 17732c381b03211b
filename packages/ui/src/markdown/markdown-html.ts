import { Parser, Renderer, type Token, type Tokens } from 'marked'

/**
 * A Markdown block as HTML source in which every tag comes from Markdown: HTML in the text is shown as text. Still to be sanitised.
 * @param topDepth the depth that the text's first heading has in Markdown; it becomes the page's third level
 */
export function markdownHtml(token: Token, topDepth = 1): string {
  return Parser.parse([token], { renderer: new SafeRenderer(topDepth) })
}

const TOP_LEVEL = 3
const LAST_LEVEL = 6

class SafeRenderer extends Renderer {
  readonly #topDepth: number

  constructor(topDepth: number) {
    super()
    this.#topDepth = topDepth
  }

  override html({ text }: Tokens.HTML | Tokens.Tag): string {
    return escapeHtml(text)
  }

  /** A picture would be a request to a foreign host; its address is offered as a link instead. */
  override image({ href, text }: Tokens.Image): string {
    return `<a href="${escapeHtml(href)}">${escapeHtml(text === '' ? 'image' : text)}</a>`
  }

  override checkbox({ checked }: Tokens.Checkbox): string {
    return checked ? '☑ ' : '☐ '
  }

  /** The page has headings of its own above those of an answer. */
  override heading({ tokens, depth }: Tokens.Heading): string {
    const level = Math.min(LAST_LEVEL, Math.max(TOP_LEVEL, TOP_LEVEL + depth - this.#topDepth))
    return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>`
  }
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}
