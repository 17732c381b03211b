import { errorFacts, isCountersignError } from '@countersign/core'
import { printable } from '../runtime/log-text.ts'

/** A failure for whoever sits at the terminal: ours in its own words, with what the system said; any other by its class and place, for its words may hold a secret. */
export function failureText(error: unknown): string {
  const { error: said, cause, stack } = errorFacts(error)
  if (isCountersignError(error)) return printable(`${said}${cause === undefined ? '' : ` (${cause})`}`)
  return printable(`${said}, which was not expected${stack === undefined ? '' : `: at ${String(stack).split(' < ').join('\n  at ')}`}`)
}
