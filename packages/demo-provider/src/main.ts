#!/usr/bin/env node
import { HELP, parseCommandLine } from './command-line.ts'
import { startDemoProvider } from './start-demo-provider.ts'

try {
  const command = parseCommandLine(process.argv.slice(2), process.env)
  if (command.action === 'help') console.log(HELP)
  else await run(command.options)
} catch (error) {
  console.error(`demo provider: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}

/** Runs until it is told to end; the second signal is the system's again. */
async function run(options: Parameters<typeof startDemoProvider>[0]): Promise<void> {
  const provider = await startDemoProvider({ ...options, log: (line) => console.log(`demo provider: ${line}`) })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void provider.stop().then(() => process.exit(0)))
  }
  console.log(`demo provider: ${provider.url}`)
}
