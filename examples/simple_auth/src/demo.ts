import { startBoth } from './start-both.ts'

/** The demo: starts both, says what to do, and stops both on Ctrl-C. @returns the exit code */
export async function demo(): Promise<number> {
  const both = await startBoth({ providerPort: 5001 }).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  })
  if (!both) return 1
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
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
  process.once('SIGINT', () => process.exit(130))
  await both.stop()
  return 0
}
