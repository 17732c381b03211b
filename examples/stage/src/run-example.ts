import { parseArgs } from 'node:util'

/** What an example can do; each resolves to the exit code. */
interface Example {
  /** Shows itself until it is stopped. */
  readonly demo: () => Promise<number>
  /** Plays the person itself. */
  readonly check: () => Promise<number>
}

/** An example's command line: `--check`, or nothing. */
export async function runExample({ demo, check }: Example): Promise<void> {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } })
  process.exitCode = values.check ? await check() : await demo()
}
