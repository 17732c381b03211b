import { auditTypes, silentLog, type Store } from '@countersign/core'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { nodeRuntime } from '../runtime/node-runtime.ts'
import { openReader } from '../store/open-reader.ts'
import { type TailFlags, tailAudit } from './audit-tail.ts'
import { type VerifyFlags, verifyWhole } from './audit-verify.ts'
import { type FileFlags, loadWorkflowFile, withFileOptions } from './workflow-file.ts'

/** Adds `countersign audit`. Its commands read, also while servers run. */
export function addAudit(command: Command): void {
  const audit = command.command('audit').description('verify or read the record of all that was asked, decided and done')
  withFileOptions(audit.command('verify'))
    .description('say whether anything in the audit was changed, dropped, reordered or cut off, and where; exit code 1 when it was')
    .option(
      '--checkpoint <hash>',
      'the hash of a checkpoint that you kept outside of the database: it has to be among those that are there',
    )
    .addHelpText('after', '\nExample:\n  countersign audit verify --config_file workflow.yml')
    .action(verifyCommand)
  withFileOptions(audit.command('tail'))
    .description('print the newest records')
    .addOption(new Option('-n, --lines <count>', 'how many').default(20).argParser(toCount))
    .option('-f, --follow', 'go on with what comes, until Ctrl-C')
    .option('--stream <name>', 'only of this chain: conversation:<id>, principal:<id>, instance')
    .addOption(new Option('--type <type...>', 'only of these types').choices([...Object.keys(auditTypes), 'checkpoint']))
    .option('--json', 'whole, as one JSON object a line')
    .addHelpText('after', '\nExample:\n  countersign audit tail --config_file workflow.yml --follow --type answer sign-in')
    .action(tailCommand)
}

async function verifyCommand(flags: FileFlags & VerifyFlags, command: Command): Promise<void> {
  const { config } = await loadWorkflowFile(command, flags)
  const isWhole = await onStore(config, (store) => verifyWhole(store, config, flags))
  if (!isWhole) process.exitCode = 1
}

async function tailCommand(flags: FileFlags & TailFlags, command: Command): Promise<void> {
  const { config } = await loadWorkflowFile(command, flags)
  await onStore(config, (store) => tailAudit(store, flags))
}

async function onStore<T>(config: Parameters<typeof openReader>[0], read: (store: Store) => Promise<T>): Promise<T> {
  const store = await openReader(config, nodeRuntime(silentLog))
  try {
    return await read(store)
  } finally {
    await store.close()
  }
}

function toCount(text: string): number {
  const count = Number(text)
  if (!/^\d+$/.test(text) || count > 100_000) throw new InvalidArgumentError('Expected a number from 0 to 100000.')
  return count
}
