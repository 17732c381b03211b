import { showUntilStopped, startBoth } from '@countersign/example-stage'
import { workflowFile } from './workflow-file.ts'

/** The demo: starts both, says what to do, and stops both on Ctrl-C. @returns the exit code */
export function demo(): Promise<number> {
  return showUntilStopped(
    () => startBoth({ file: workflowFile, providerPort: 5001 }),
    ({ server, provider }) => [
      `Open the chat    ${server.publicOrigin}`,
      'and say          Plan the team lunch',
      '                 Book a table for 6 people',
      '                 Invite the team',
      '',
      `The demo provider is ${provider.issuer}: sign in there with any name, no password.`,
      'The questions are asked by the tools in examples/questions/src.',
      'Ctrl-C stops both.',
    ],
  )
}
