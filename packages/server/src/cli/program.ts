import { createRequire } from 'node:module'
import { styleText } from 'node:util'
import { Command, InvalidArgumentError, Option } from 'commander'
import { a2aCommand } from './a2a-command.ts'
import { addAudit } from './audit-command.ts'
import { addKeys } from './keys-command.ts'
import { addRun } from './run-command.ts'
import { schemaCommand } from './schema-command.ts'
import { serveCommand } from './serve-command.ts'
import { validateCommand } from './validate-command.ts'
import { withFileOptions } from './workflow-file.ts'

/** The `countersign` command. Exit codes: 0; 1 failure; 2 wrong use; 130 Ctrl-C; `run` has more, see `exitCodes`. */
export function program(): Command {
  const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }
  const command = new Command('countersign')
    .description("Lets AI agents act for people only with those people's authority.")
    .version(version)
    // Commander takes colours away where nobody reads them.
    .configureHelp({ styleTitle: (title) => styleText('bold', title, { validateStream: false }) })
    .showHelpAfterError('For what is possible, add --help.')
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  addServe(command)
  addA2a(command)
  addRun(command)
  withFileOptions(command.command('validate'))
    .description('say what a workflow file comes to, or all that is wrong with it; starts nothing')
    .option('--print', 'print the whole file, too, as it is understood: with bases, overrides and variables, without secrets')
    .addHelpText('after', '\nExample:\n  countersign validate --config_file workflow.yml --strict')
    .action(validateCommand)
  withFileOptions(command.command('schema'))
    .description('print the JSON Schema of workflow files, for editors; with a file, also of what its plugins bring')
    .addHelpText('after', '\nExample:\n  countersign schema --config_file workflow.yml > workflow.schema.json')
    .action(schemaCommand)
  addKeys(command)
  addAudit(command)
  return command
}

function addServe(command: Command): void {
  withListenOptions(command.command('serve'))
    .description('start the workflow server with its chat')
    .addHelpText('after', '\nExample:\n  countersign serve --config_file workflow.yml --port 8000')
    .action(serveCommand)
}

function addA2a(command: Command): void {
  withListenOptions(command.command('a2a'))
    .description('serve the workflow as an agent that other programs ask over A2A')
    .addHelpText('after', '\nExample:\n  countersign a2a --config_file workflow.yml --port 10000')
    .action(a2aCommand)
}

function withListenOptions(command: Command): Command {
  return withFileOptions(command)
    .option('--host <host>', 'on which host to listen (default: of the file, else localhost)')
    .option('--port <port>', 'on which port to listen (default: of the file, else 8000)', toPort)
    .addOption(
      new Option('--log_level <level>', 'what is logged to standard error (default: of the file, else info)').choices([
        'debug',
        'info',
        'warn',
        'error',
        'silent',
      ]),
    )
}

function toPort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('Expected a number from 0 to 65535.')
  return port
}
