import { CountersignError } from '@countersign/core'
import type { Place } from './place.ts'

/** One thing wrong, or questionable, in a configuration. */
export interface Problem {
  /** Dotted key path, empty for the whole document. */
  readonly path: string
  /** What is wrong and what to do; never with a secret in it. */
  readonly sentence: string
  readonly place?: Place
}

const maxProblems = 200

/** A problem as text: `file:line:column key.path: sentence`, then the line and a caret. */
export function formatProblem({ path, sentence, place }: Problem): string {
  const said = path === '' ? sentence : `${printable(path)}: ${sentence}`
  if (place === undefined) return said
  if (place.offset < 0) return `${printable(place.source.name)} ${said}`
  const { line, column, text, caret } = place.source.locate(place.offset)
  const head = `${printable(place.source.name)}:${line}:${column} ${said}`
  return text === undefined || text.trim() === '' ? head : `${head}\n${excerpt(text, caret)}`
}

/** All problems of a configuration as one error. */
export function invalidConfig(problems: readonly Problem[]): CountersignError {
  const shown = problems.slice(0, maxProblems).map(formatProblem)
  const rest = problems.length - shown.length
  const text = [...shown, ...(rest > 0 ? [`and ${rest} more`] : [])].join('\n')
  return new CountersignError('invalid_config', text, { details: { problems: problems.length } })
}

/** A name inside a sentence. */
export function quoted(name: string): string {
  return `"${printable(name)}"`
}

/** Text without control characters: a configuration must not steer a terminal. Long text is cut. */
export function printable(text: string): string {
  // Controls, and the characters that turn the direction of text.
  const plain = text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '�')
  return plain.length > 120 ? `${plain.slice(0, 120)}…` : plain
}

const excerptWidth = 100

function excerpt(text: string, caret: number): string {
  const start = caret > excerptWidth - 10 ? caret - 40 : 0
  const part = text.slice(start, start + excerptWidth).replaceAll('\t', ' ')
  return `    ${printable(part)}\n    ${' '.repeat(Math.min(Math.max(0, caret - start), part.length))}^`
}
