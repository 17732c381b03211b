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
      '  and ask          Who am I logged in as?',
      '',
      `  The demo provider is ${both.provider.issuer}: sign in there with any name, no password.`,
      '  A keyword router answers, so that the demo runs with no key; set llms in examples/simple_auth/config.yml to a real model.',
      '  Ctrl-C stops both.',
      '',
      '',
    ].join('\n'),
  )
  const code = await exitCode
  // Ctrl-C is how this demo ends.
  return code === 130 ? 0 : code
}
