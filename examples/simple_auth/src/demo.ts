import { showUntilStopped, startBoth } from '@countersign/example-stage'
import { workflowFile } from './workflow-file.ts'

/** The demo: starts both, says what to do, and stops both on Ctrl-C. @returns the exit code */
export function demo(): Promise<number> {
  return showUntilStopped(
    () => startBoth({ file: workflowFile, providerPort: 5001 }),
    ({ server, provider }) => [
      `Open the chat    ${server.publicOrigin}`,
      'and ask          Who am I logged in as?',
      '',
      `The demo provider is ${provider.issuer}: sign in there with any name, no password.`,
      'A keyword router answers, so that the demo runs with no key; set llms in examples/simple_auth/config.yml to a real model.',
      'Ctrl-C stops both.',
    ],
  )
}
