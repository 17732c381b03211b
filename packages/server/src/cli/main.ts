import { failureText } from './failure-text.ts'
import { program } from './program.ts'

try {
  await program().parseAsync()
} catch (error) {
  // Ended here: a part that was half started could hold the process open.
  process.stderr.write(`${failureText(error)}\n`, () => process.exit(1))
}
