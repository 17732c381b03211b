import { html, LitElement, type PropertyValues, type TemplateResult } from 'lit'
import { base, controls } from '../theme.ts'
import { growBlocks, noBlocks, type MarkdownBlock, type MarkdownBlocks } from './markdown-blocks.ts'
import { markdownHtml } from './markdown-html.ts'
import { markdownStyles } from './markdown-styles.ts'
import { sanitizeHtml } from './sanitize-html.ts'

/** Untrusted Markdown, drawn block by block while it grows: blocks that did not change keep their nodes, selection included. */
export class MarkdownText extends LitElement {
  static override styles = [base, controls, markdownStyles]
  static override properties = { text: { attribute: false }, isComplete: { attribute: false } }

  declare text: string
  declare isComplete: boolean
  #known: MarkdownBlocks = noBlocks
  #drawn: readonly { readonly block: MarkdownBlock; readonly element: HTMLElement }[] = []

  constructor() {
    super()
    this.text = ''
    this.isComplete = true
  }

  override render(): TemplateResult {
    return html`<div class="body"></div>`
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('text') || changed.has('isComplete')) this.#draw()
  }

  #draw(): void {
    this.#known = growBlocks(this.#known, this.text, this.isComplete)
    const visible = this.#known.blocks.filter(({ token }) => token.type !== 'space' && token.type !== 'def')
    const kept = this.#drawn.findIndex(({ block }, index) => block !== visible[index])
    const stable = kept === -1 ? this.#drawn : this.#drawn.slice(0, kept)
    for (const { element } of this.#drawn.slice(stable.length)) element.remove()
    const topDepth = depthOf(visible.find(({ token }) => token.type === 'heading'))
    const added = visible.slice(stable.length).map((block) => ({ block, element: drawBlock(block, topDepth) }))
    this.renderRoot.querySelector('.body')?.append(...added.map(({ element }) => element))
    this.#drawn = [...stable, ...added]
  }
}

function depthOf(heading: MarkdownBlock | undefined): number {
  return heading !== undefined && 'depth' in heading.token ? Number(heading.token.depth) : 1
}

function drawBlock(block: MarkdownBlock, topDepth: number): HTMLElement {
  const element = document.createElement('div')
  element.dir = 'auto'
  element.append(sanitizeHtml(markdownHtml(block.token, topDepth)))
  for (const code of element.querySelectorAll('pre')) Object.assign(code, { tabIndex: 0, dir: 'ltr' })
  return element
}
