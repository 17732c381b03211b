import { stopOnSignal } from '@countersign/server'
import { startBoth } from './start-both.ts'

/** The demo: starts both, says what to do, and stops both on Ctrl-C. @returns the exit code */
export async function demo(): Promise<number> {
  const both = await startBoth({ providerPort: 5001 }).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  })
  if (!both) return 1
  const exitCode = stopOnSignal(() => both.stop())
  process.stdout.write(
    [
      '',
      `  Open the chat    ${both.server.publicOrigin}`,
      '  and say          Plan the team lunch',
      '                   Book a table for 6 people',
      '                   Invite the team',
      '',
      `  The demo provider is ${both.provider.issuer}: sign in there with any name, no password.`,
      '  The questions are asked by the tools in examples/questions/src.',
      '  Ctrl-C stops both.',
      '',
      '',
    ].join('\n'),
  )
  const code = await exitCode
  // Ctrl-C is how this demo ends.
  return code === 130 ? 0 : code
}
