import type { JsonObject, JsonValue } from '@countersign/core'
import { splitWords, wordsOf } from './router-lexicon.ts'

/** What can be chosen, as far as its words go: a tool or a plan. */
export interface Candidate {
  readonly name: string
  readonly description: string
  readonly inputSchema: JsonObject
  readonly examples?: readonly string[] | undefined
}

/** How well a candidate's words fit a question. */
export interface LexicalScore {
  /** BM25 over the candidate's words. */
  readonly score: number
  /** The question's words that the candidate knows. */
  readonly known: ReadonlySet<string>
  /** Whether the question is one of the candidate's examples, word for word. */
  readonly isExample: boolean
}

/**
 * BM25 (k1 1.2, b 0.75) of each candidate for a question. Five unseen candidates are assumed, so that a word keeps its weight when only
 * one tool is there.
 */
export function lexicalScores(candidates: readonly Candidate[], question: string): readonly LexicalScore[] {
  const asked = new Set(wordsOf(question))
  const documents = candidates.map(documentOf)
  const averageLength = documents.reduce((sum, { length }) => sum + length, 0) / Math.max(1, documents.length)
  const plain = splitWords(question).join(' ')
  return documents.map((document, at) => {
    const known = new Set([...asked].filter((word) => document.counts.has(word)))
    let score = 0
    for (const word of known) {
      const holders = documents.filter((other) => other.counts.has(word)).length
      const weight = Math.log(1 + (documents.length + 5 - holders + 0.5) / (holders + 0.5))
      const count = document.counts.get(word) ?? 0
      score += (weight * count * 2.2) / (count + 1.2 * (0.25 + (0.75 * document.length) / averageLength))
    }
    return { score, known, isExample: candidates[at]?.examples?.some((example) => splitWords(example).join(' ') === plain) ?? false }
  })
}

interface Document {
  readonly counts: ReadonlyMap<string, number>
  readonly length: number
}

/** The name counts three times. */
function documentOf({ name, description, inputSchema, examples }: Candidate): Document {
  const words = wordsOf(name)
  const texts = [description, ...schemaWords(inputSchema), ...(examples ?? [])]
  const all = [...words, ...words, ...words, ...texts.flatMap(wordsOf)]
  const counts = new Map<string, number>()
  for (const word of all) counts.set(word, (counts.get(word) ?? 0) + 1)
  return { counts, length: Math.max(1, all.length) }
}

function schemaWords(schema: JsonObject): readonly string[] {
  return Object.entries(objectOr(schema['properties'])).flatMap(([key, property]) => {
    const values = objectOr(property)['enum']
    return [key, ...(Array.isArray(values) ? values.filter((value: unknown) => typeof value === 'string') : [])]
  })
}

/** `value` if it is a JSON object, else one without members. */
export function objectOr(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !isList(value) ? value : {}
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}
