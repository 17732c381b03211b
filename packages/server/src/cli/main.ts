import { isCountersignError } from '@countersign/core'
import { program } from './program.ts'

try {
  await program().parseAsync()
} catch (error) {
  process.stderr.write(
    `${isCountersignError(error) ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  )
  process.exitCode = 1
}
