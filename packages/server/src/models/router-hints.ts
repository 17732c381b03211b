import type { JsonObject } from '@countersign/core'
import { splitWords } from './router-lexicon.ts'
import { findEmails, findIdentifiers, findPaths, findUrls, fitsPattern } from './router-values.ts'
import type { Found } from './router-values.ts'

/** Finds a text argument by what its name, and then its description, say it is: an address, a path, a recipient, something searched for. */
export function findByHint(question: string, key: string, property: JsonObject): readonly Found<string>[] {
  const named = findAs(question, splitWords(key))
  if (named !== undefined) return fitting(named, property)
  const description = property['description']
  return fitting((typeof description === 'string' ? findAs(question, splitWords(description)) : undefined) ?? [], property)
}

/** The first kind of thing the words name decides. */
function findAs(question: string, words: readonly string[]): readonly Found<string>[] | undefined {
  const kind = hints.find((hint) => words.some((word) => hint.words.includes(word)))
  return kind?.find(question)
}

const hints: readonly { readonly words: readonly string[]; readonly find: (question: string) => readonly Found<string>[] }[] = [
  { words: ['email', 'mail'], find: findEmails },
  { words: ['url', 'link', 'website', 'uri'], find: findUrls },
  { words: ['path', 'file', 'filename', 'folder', 'directory', 'document'], find: findPaths },
  {
    words: ['command'],
    find: (question) => findAfter(question, String.raw`(?:run|execute)(?: the command)?`, String.raw`([^"'\u0060]+?)`),
  },
  { words: ['id', 'identifier', 'number', 'code', 'reference'], find: findIdentifiers },
  { words: ['recipient', 'to', 'payee', 'receiver', 'beneficiary'], find: findRecipient },
  { words: ['name', 'person', 'user', 'username', 'who', 'employee', 'customer'], find: findName },
  {
    words: ['city', 'location', 'place', 'town', 'country', 'where'],
    find: (question) => findAfter(question, '(?:in|at|near|for)', properName),
  },
  {
    words: ['query', 'search', 'term', 'keyword', 'keywords', 'topic'],
    find: findSearched,
  },
]

const properName = String.raw`(\p{Lu}[\p{L}'’-]*(?: \p{Lu}[\p{L}'’-]*)*)`

function findRecipient(question: string): readonly Found<string>[] {
  const small = String.raw`(?!the\b|my\b|me\b|a\b|an\b|his\b|her\b|our\b|your\b|be\b)(\p{Ll}[\p{L}'’-]*)`
  return firstFound(
    () => findEmails(question),
    () => findAfter(question, 'to', properName),
    () => findAfter(question, '(?:pay|send)', properName),
    () => findAfter(question, 'to', small),
  )
}

function findSearched(question: string): readonly Found<string>[] {
  const anything = String.raw`([^"'\u0060]+?)`
  return firstFound(
    () => findAfter(question, '(?:for|about)', anything),
    () => findAfter(question, '(?:search|find|google)', anything),
  )
}

function firstFound(...ways: readonly (() => readonly Found<string>[])[]): readonly Found<string>[] {
  for (const way of ways) {
    const found = way()
    if (found.length > 0) return found
  }
  return []
}

function findName(question: string): readonly Found<string>[] {
  return findAfter(question, '(?:named|called|name(?: is)?|for|to|is|of|about|does|user|employee)', properName)
}

/** What follows a word, up to the end of the sentence where the pattern does not end it itself. */
function findAfter(question: string, word: string, pattern: string): readonly Found<string>[] {
  const end = pattern.endsWith('+?)') ? String.raw`(?=\s*(?:[?!]|\.(?:\s|$)|$))` : String.raw`(?![\p{L}\p{N}@_-])`
  const sentence = new RegExp(String.raw`(?<![\p{L}\p{N}])(?:${caseless(word)})\s+${pattern}${end}`, 'gu')
  return [...question.matchAll(sentence)].flatMap((match) => {
    const value = match[1]?.trim()
    const rest = question.slice(match.index + match[0].length)
    // "to Bob and Alice": whom it is about is not guessed.
    if (value === undefined || value === '' || /^\s*(?:,|and\b|or\b|&)\s*\p{Lu}/u.test(rest)) return []
    const start = match.index + match[0].lastIndexOf(match[1] ?? '')
    return [{ value, start, end: start + value.length }]
  })
}

/** The word may begin a sentence; the pattern after it minds capitals. */
function caseless(word: string): string {
  return word.replaceAll(/(?<![\p{L}\\?])\p{Ll}/gu, (letter) => `[${letter}${letter.toUpperCase()}]`)
}

function fitting(found: readonly Found<string>[], property: JsonObject): readonly Found<string>[] {
  const { minLength, maxLength, pattern } = property
  return found.filter(({ value }) => {
    if (typeof minLength === 'number' && value.length < minLength) return false
    if (typeof maxLength === 'number' && value.length > maxLength) return false
    return typeof pattern !== 'string' || fitsPattern(value, pattern)
  })
}
