import { errorFacts, isCountersignError } from '@countersign/core'
import { printable } from '../runtime/log-text.ts'

/** A failure for whoever sits at the terminal: ours in its own words, with what the system said; any other by its class and place, for its words may hold a secret. */
export function failureText(error: unknown): string {
  const { error: said, cause, stack } = errorFacts(error)
  if (isCountersignError(error)) return printable(`${said}${withName(cause)}`)
  return printable(`${said}, which was not expected${stack === undefined ? '' : `: at ${String(stack).split(' < ').join('\n  at ')}`}`)
}

/** What the system calls the causes; that they are errors says nothing. */
function withName(cause: unknown): string {
  const names = typeof cause === 'string' ? cause.split(' < ').filter((name) => name !== 'Error') : []
  return names.length === 0 ? '' : ` (${names.join(' < ')})`
}
