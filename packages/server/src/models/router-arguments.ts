import type { JsonObject, JsonValue } from '@countersign/core'
import { splitWords, wordsOf } from './router-lexicon.ts'
import { objectOr } from './router-score.ts'
import { findByHint } from './router-hints.ts'
import { findDates, findEmails, findNumbers, findQuotes, findTokens, findUrls, fitsPattern } from './router-values.ts'
import type { Found } from './router-values.ts'

/** What a question says about a tool's arguments. Nothing in it was made up. */
export interface FoundArguments {
  readonly input: JsonObject
  /** How many were found by their type or format. */
  readonly byType: number
  /** Required ones the question does not say; defaults are the schema's business. */
  readonly missing: readonly string[]
  /** The words the arguments were read from. */
  readonly words: ReadonlySet<string>
}

/** Reads a tool's arguments from a question, by JSON Schema: first by type and format, then by hints in names, then what is quoted. */
export function findArguments(schema: JsonObject, question: string, given: readonly string[] = []): FoundArguments {
  const properties = Object.entries(objectOr(schema['properties'])).filter(([key]) => !given.includes(key))
  const wanted = properties.map(([key, property]) => ({ key, property: objectOr(property) }))
  const reading = new Reading(question)
  for (const { key, property } of wanted) reading.takeTyped(key, property, wanted.filter((other) => isNumeric(other.property)).length)
  const byType = reading.count
  for (const { key, property } of wanted) reading.takeHinted(key, property)
  const open = wanted.filter(({ key, property }) => !reading.has(key) && isText(property))
  reading.takeQuoted(open.map(({ key }) => key))
  const required = Array.isArray(schema['required']) ? schema['required'].filter((key: unknown) => typeof key === 'string') : []
  return {
    input: reading.input(wanted.map(({ key }) => key)),
    byType,
    missing: required.filter((key) => !given.includes(key) && !reading.has(key)),
    words: reading.words(),
  }
}

/** Takes values out of a question; a place is used once. */
class Reading {
  readonly #question: string
  readonly #values = new Map<string, JsonValue>()
  readonly #used: Found<unknown>[] = []

  constructor(question: string) {
    this.#question = question
  }

  get count(): number {
    return this.#values.size
  }

  has(key: string): boolean {
    return this.#values.has(key)
  }

  takeTyped(key: string, property: JsonObject, numericCount: number): void {
    const options = property['enum']
    if (Array.isArray(options)) this.#take(key, this.#only(findOption(this.#question, options)))
    else if (isNumeric(property)) this.#take(key, this.#number(key, property, numericCount))
    else if (property['type'] === 'boolean') this.#take(key, this.#mentioned(key))
    else if (property['type'] === 'array') this.#takeList(key, objectOr(property['items']))
    else if (isText(property)) this.#take(key, this.#only(findByFormat(this.#question, property)))
  }

  takeHinted(key: string, property: JsonObject): void {
    if (this.has(key) || !isText(property)) return
    this.#take(key, this.#only(findByHint(this.#question, key, property)))
  }

  /** Quoted texts are given out only when there is one for each open text. */
  takeQuoted(keys: readonly string[]): void {
    const quotes = this.#free(findQuotes(this.#question)).toSorted((left, right) => left.start - right.start)
    if (quotes.length === keys.length) for (const [at, key] of keys.entries()) this.#take(key, quotes[at])
  }

  input(order: readonly string[]): JsonObject {
    return Object.fromEntries(order.flatMap((key) => (this.#values.has(key) ? [[key, this.#values.get(key) ?? null]] : [])))
  }

  words(): ReadonlySet<string> {
    return new Set(this.#used.flatMap(({ start, end }) => wordsOf(this.#question.slice(start, end))))
  }

  #take(key: string, found: Found<JsonValue> | undefined): void {
    if (found === undefined) return
    this.#values.set(key, found.value)
    this.#used.push(found)
  }

  #takeList(key: string, items: JsonObject): void {
    if (!isText(items)) return
    const found = this.#free(findByFormat(this.#question, items))
    if (found.length === 0) return
    this.#values.set(
      key,
      found.map(({ value }) => value),
    )
    this.#used.push(...found)
  }

  /** Two candidates are as good as none: which one was meant is not guessed. */
  #only<T>(found: readonly Found<T>[]): Found<T> | undefined {
    const free = this.#free(found)
    return new Set(free.map(({ value }) => value)).size === 1 ? free[0] : undefined
  }

  #free<F extends Found<unknown>>(found: readonly F[]): readonly F[] {
    return found.filter(({ start, end }) => this.#used.every((used) => end <= used.start || start >= used.end))
  }

  #number(key: string, property: JsonObject, numericCount: number): Found<number> | undefined {
    const fitting = this.#free(findNumbers(this.#question)).filter(({ value }) => isAllowed(value, property))
    const named = fitting.filter(({ start }) => precededBy(this.#question.slice(0, start), key))
    if (named.length === 1) return named[0]
    const money = fitting.filter(({ isMoney }) => isMoney)
    if (fitting.some(({ start }) => isAlternative(this.#question.slice(0, start)))) return undefined
    if (money.length === 1 && /amount|price|sum|total|cost|budget|limit|money|value/.test(key)) return money[0]
    return fitting.length === 1 && numericCount === 1 ? fitting[0] : undefined
  }

  /** A switch is on when its name is said. */
  #mentioned(key: string): Found<boolean> | undefined {
    const words = splitWords(key).join('[\\s_-]+')
    const match = words === '' ? null : new RegExp(`\\b${words}\\b`, 'iu').exec(this.#question)
    return match === null ? undefined : { value: true, start: match.index, end: match.index + match[0].length }
  }
}

function findOption(question: string, options: readonly JsonValue[]): readonly Found<JsonValue>[] {
  return options.flatMap((option) => {
    const words = typeof option === 'string' ? splitWords(option) : []
    if (words.length === 0) return []
    const match = new RegExp(`(?<![\\p{L}\\p{N}])${words.join('[\\s_-]+')}s?(?![\\p{L}\\p{N}])`, 'iu').exec(question)
    return match === null ? [] : [{ value: option, start: match.index, end: match.index + match[0].length }]
  })
}

function findByFormat(question: string, property: JsonObject): readonly Found<string>[] {
  switch (property['format']) {
    case 'email':
      return findEmails(question)
    case 'uri':
    case 'url':
      return findUrls(question)
    case 'date':
      return findDates(question, false)
    case 'date-time':
      return findDates(question, true)
    case 'uuid':
      return findTokens(question, (token) => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(token))
    default: {
      const pattern = property['pattern']
      if (typeof pattern !== 'string') return []
      // Words only: a pattern such as "any letters" would fit everything.
      return findTokens(question, (token) => /\d/.test(token) && fitsPattern(token, pattern))
    }
  }
}

/** "50 or 60", "50 to 60": which one was meant is not guessed. */
function isAlternative(before: string): boolean {
  return /\d\S{0,20}\s{0,5}(?:or|to|and|[-–])\s{0,5}[$€£]?$/i.test(before.slice(-60))
}

function precededBy(before: string, key: string): boolean {
  const near = wordsOf(before).slice(-2)
  return wordsOf(key).some((word) => near.includes(word))
}

function isAllowed(value: number, property: JsonObject): boolean {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = property
  if (property['type'] === 'integer' && !Number.isSafeInteger(value)) return false
  if (typeof minimum === 'number' && value < minimum) return false
  if (typeof maximum === 'number' && value > maximum) return false
  if (typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum) return false
  return !(typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum)
}

function isNumeric(property: JsonObject): boolean {
  return property['type'] === 'number' || property['type'] === 'integer'
}

function isText(property: JsonObject): boolean {
  return property['type'] === 'string' && property['enum'] === undefined
}
