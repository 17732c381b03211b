import { silentLog } from '@countersign/core'
import type { Command } from 'commander'
import { stringify } from 'yaml'
import { build } from '../config/build.ts'
import { keyPlace } from '../config/state-files.ts'
import { checkKeysAt } from '../keys/key-place.ts'
import { printable } from '../runtime/log-text.ts'
import { nodeRuntime } from '../runtime/node-runtime.ts'
import { summaryOf } from './summary.ts'
import { type FileFlags, loadWorkflowFile, workflowFile } from './workflow-file.ts'
import { writeWarnings } from './write-warnings.ts'

export interface ValidateFlags extends FileFlags {
  readonly print?: boolean
}

/** `countersign validate`: says what a workflow file comes to, or all that is wrong with it. Nothing is started, written or asked. */
export async function validateCommand(flags: ValidateFlags, command: Command): Promise<void> {
  const { config, warnings, redacted } = await loadWorkflowFile(command, flags)
  // A part that cannot be made, and keys that cannot be used, show themselves here.
  const built = build(config, nodeRuntime(silentLog))
  checkKeysAt(keyPlace(config))
  writeWarnings(warnings)
  const whole = flags.print === true ? `\n${stringify(redacted)}` : ''
  process.stdout.write(printable(`${workflowFile(command, flags)} is valid.\n\n${summaryOf(config, built)}\n${whole}`))
}
