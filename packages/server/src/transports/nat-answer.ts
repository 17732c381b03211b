import type { JsonValue, Option, Question } from '@countersign/core'

/**
 * What the text parts of a NAT client's answer say to a question. Such a client can only send text: the value of an option; for several of them
 * a part each, a JSON array, or their names with commas between. What means no option stays as it is, to be refused.
 */
export function natAnswer(question: Question, parts: readonly string[]): JsonValue {
  if (parts.length === 0) return null
  const text = parts.join('\n')
  switch (question.kind) {
    case 'checkbox': {
      const options = new OptionNames(question.options)
      const names = parts.length > 1 ? parts : (jsonTexts(text) ?? options.namesIn(text))
      // Nobody chooses more than is offered; a list without end is not looked through.
      return names.length > question.options.length ? text : names.map((name) => options.valueOf(name))
    }
    case 'binary_choice':
    case 'radio':
    case 'dropdown':
      return new OptionNames(question.options).valueOf(text)
    case 'text':
    case 'notification':
    case 'oauth_consent':
    case 'backchannel':
    case 'device_code':
      return text
  }
}

function jsonTexts(text: string): readonly string[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return Array.isArray(parsed) && parsed.every((item: unknown) => typeof item === 'string') ? parsed : undefined
  } catch {
    return undefined // not JSON: names in words
  }
}

/** The words that stand for options: as they are written, else as a person may write them. */
class OptionNames {
  readonly #exact = new Map<string, string>()
  /** What differs only in case and space; undefined where that is more than one option. */
  readonly #loose = new Map<string, string | undefined>()
  /** The most pieces that commas cut a name into. */
  readonly #longest: number
  readonly #count: number

  constructor(options: readonly Option[]) {
    this.#count = options.length
    for (const { id, value, label } of options) {
      for (const word of [id, value, label]) {
        this.#exact.set(word, value)
        const loose = loosely(word)
        this.#loose.set(loose, this.#loose.has(loose) && this.#loose.get(loose) !== value ? undefined : value)
      }
    }
    this.#longest = Math.max(...[...this.#exact.keys()].map((word) => word.split(',').length))
  }

  /** The value of the option that `text` names, else the text itself. */
  valueOf(text: string): string {
    return this.#find(text) ?? text
  }

  /** The names in a text with commas, the longest first: a name may itself have a comma. One more than there are options is enough to see. */
  namesIn(text: string): readonly string[] {
    const pieces = text.split(',').filter((piece) => piece.trim() !== '')
    const names: string[] = []
    for (let at = 0; at < pieces.length && names.length <= this.#count;) {
      let end = Math.min(pieces.length, at + this.#longest)
      while (end > at + 1 && this.#find(pieces.slice(at, end).join(',')) === undefined) end -= 1
      names.push(pieces.slice(at, end).join(',').trim())
      at = end
    }
    return names
  }

  #find(text: string): string | undefined {
    return this.#exact.get(text) ?? this.#loose.get(loosely(text))
  }
}

function loosely(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ').toLowerCase()
}
