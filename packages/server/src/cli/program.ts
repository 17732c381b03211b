import { createRequire } from 'node:module'
import { Command, InvalidArgumentError, Option } from 'commander'
import { type ServeFlags, serveCommand } from './serve-command.ts'

/** The `countersign` command. Exit codes: 0; 1 failure; 2 wrong use; 130 Ctrl-C. */
export function program(): Command {
  const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }
  const command = new Command('countersign')
    .description("Lets AI agents act for people only with those people's authority.")
    .version(version)
    .configureHelp({ sortSubcommands: true })
    .showHelpAfterError('(add --help for what is possible)')
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  command
    .command('serve')
    .description('start the workflow server with its chat')
    .addOption(new Option('--config_file <file>', 'the workflow file'))
    .addOption(new Option('--config <file>', 'the same').hideHelp())
    .option('--host <host>', 'on which host to listen (default: of the file, else localhost)')
    .option('--port <port>', 'on which port to listen (default: of the file, else 8000)', toPort)
    .option('--override <path value...>', 'set a value of the file: --override llms.demo._type keyword_router; can be repeated', pairs, [])
    .addOption(
      new Option('--log_level <level>', 'what is logged to standard error')
        .choices(['debug', 'info', 'warn', 'error', 'silent'])
        .default('warn'),
    )
    .addHelpText('after', '\nExample:\n  countersign serve --config_file workflow.yml --port 8000')
    .action((flags: ServeFlags, serving: Command) => {
      const file = flags.config_file ?? flags.config
      if (file === undefined) return serving.error('which workflow file? Add --config_file workflow.yml', { exitCode: 2 })
      return serveCommand(file, flags)
    })
  return command
}

function toPort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('expected a number from 0 to 65535.')
  return port
}

/** `--override a.b value` takes two words; commander hands them over one by one. */
function pairs(word: string, words: readonly string[]): readonly string[] {
  return [...words, word]
}
