import { isCountersignError } from '../errors.ts'
import type { LogFacts } from './log.ts'

/** How many links of a chain of causes are told. */
const MAX_CAUSES = 3
/** How many places of a stack are told. */
const MAX_PLACES = 8

/**
 * An error as a log line tells it: ours by its code and sentence, any other by its class and where it was thrown. Its words are left out:
 * they may repeat what it was given, as those of `JSON.parse` and `Headers` do, and that may be a token.
 */
export function errorFacts(error: unknown): LogFacts {
  const cause = causesOf(error)
  const told = cause === '' ? {} : { cause }
  if (isCountersignError(error)) return { code: error.code, error: error.message, ...told }
  if (!(error instanceof Error)) return { code: 'unexpected', error: `a thrown ${error === null ? 'null' : typeof error}` }
  const stack = placesOf(error)
  return { code: 'unexpected', error: nameOf(error), ...told, ...(stack !== '' && { stack }) }
}

/** The chain below an error: of each cause what the system calls it (`ECONNREFUSED`), else its class. */
function causesOf(error: unknown): string {
  const names: string[] = []
  let cause = error instanceof Error ? error.cause : undefined
  while (cause instanceof Error && names.length < MAX_CAUSES) {
    names.push(nameOf(cause))
    cause = cause.cause
  }
  return names.join(' < ')
}

function nameOf(error: Error): string {
  const code = 'code' in error ? error.code : undefined
  const name = typeof code === 'string' ? code : error.name
  return /^\w{1,40}$/.test(name) ? name : 'Error'
}

/** Only the places: a stack begins with the message. */
function placesOf({ stack = '', message }: Error): string {
  const lines = stack.slice(stack.indexOf(message) + message.length).split('\n')
  const places = lines.flatMap((line) => /^\s+at (.+)$/.exec(line)?.[1] ?? [])
  return places.slice(0, MAX_PLACES).join(' < ')
}
