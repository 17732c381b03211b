import { styleText } from 'node:util'
import { formatProblem, type Problem } from '../config/problem.ts'
import { printable } from '../runtime/log-text.ts'

/** Says on standard error what is questionable in a configuration; coloured where a person reads it. */
export function writeWarnings(warnings: readonly Problem[]): void {
  const head = styleText('yellow', 'warning:', { stream: process.stderr })
  for (const warning of warnings) process.stderr.write(`${head} ${printable(formatProblem(warning))}\n`)
}
