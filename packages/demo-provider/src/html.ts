/** A piece of markup whose values are already escaped; only {@link html} makes one. */
export class Html {
  readonly markup: string
  constructor(markup: string) {
    this.markup = markup
  }
}

/** What a template accepts: text is escaped, markup and lists of markup are taken as they are, `undefined` leaves nothing. */
export type HtmlValue = string | Html | readonly Html[] | undefined

/** Template tag: every value that is not itself {@link Html} is escaped, in element content and in quoted attributes alike. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const parts = strings.map((text, index) => text + markupOf(values[index]))
  return new Html(parts.join(''))
}

function markupOf(value: HtmlValue): string {
  if (value === undefined) return ''
  if (value instanceof Html) return value.markup
  if (typeof value === 'string') return value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
  return value.map((part) => part.markup).join('')
}
