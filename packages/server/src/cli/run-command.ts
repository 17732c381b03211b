import { text as wholeText } from 'node:stream/consumers'
import type { Log } from '@countersign/core'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type LogLevel, pinoLog } from '../runtime/pino-log.ts'
import { chat } from '../terminal/chat.ts'
import { type ExitCode, exitCodeOf } from '../terminal/exit-code.ts'
import { Keyboard } from '../terminal/keyboard.ts'
import { Screen, styled } from '../terminal/screen.ts'
import { openTerminalEngine, type TerminalEngine } from '../terminal/terminal-engine.ts'
import { TerminalConversation } from '../terminal/terminal-conversation.ts'
import { endOnCrash } from './end-on-crash.ts'
import { interruptible } from './interruptible.ts'
import { type FileFlags, loadWorkflowFile, withFileOptions } from './workflow-file.ts'
import { writeWarnings } from './write-warnings.ts'

interface RunFlags extends FileFlags {
  readonly input?: string
  readonly json?: boolean
  readonly nonInteractive?: boolean
  readonly browser: boolean
  readonly timeout?: number
  readonly log_level: LogLevel
}

const help = `
Exit codes:
  0    answered
  1    failed
  2    wrong use
  3    a person declined, denied or cancelled something that was asked
  4    time ran out: nobody answered, or --timeout
  5    somebody was needed, and nobody is here (--non-interactive, or no terminal)
  130  stopped by Ctrl-C, 143 by SIGTERM

Examples:
  countersign run --config_file workflow.yml
  countersign run --config_file workflow.yml --input "Who am I?"
  echo "Who am I?" | countersign run --config_file workflow.yml --json`

/** Adds `countersign run`. */
export function addRun(command: Command): void {
  withFileOptions(command.command('run'))
    .description('talk to a workflow in this terminal, or ask it one thing; whoever runs it has the authority of the file')
    .option('--input <text>', 'one message; without it standard input, or a chat where that is a terminal')
    .option('--json', 'print what happens as one JSON object a line, and nothing else on standard output')
    .option('--non-interactive', 'ask nobody here: what needs a person at this terminal is cancelled at once')
    .option('--no-browser', 'print the addresses of sign-ins, and open none')
    .addOption(new Option('--timeout <seconds>', 'stop each message after so long').argParser(toSeconds))
    .addOption(
      new Option('--log_level <level>', 'what is logged to standard error')
        .choices(['debug', 'info', 'warn', 'error', 'silent'])
        .default('error'),
    )
    .addHelpText('after', help)
    .action(runCommand)
}

async function runCommand(flags: RunFlags, command: Command): Promise<void> {
  const { config, warnings } = await loadWorkflowFile(command, flags)
  const isChat = flags.input === undefined && process.stdin.isTTY
  if (isChat && flags.nonInteractive === true) command.error('error: a chat needs somebody; add --input')
  const message = isChat ? undefined : (flags.input ?? (await wholeText(process.stdin))).trim()
  if (message === '') command.error('error: the message is empty; add --input "…"')
  writeWarnings(warnings)
  endOnCrash()
  const { stdout, stderr } = process
  const screen = new Screen({ out: stdout, err: stderr, isLive: stderr.isTTY && process.env['TERM'] !== 'dumb' })
  const engine = await openTerminalEngine(config, logBeside(screen, pinoLog(flags.log_level)))
  try {
    const code = await talk({ engine, screen, flags }, message)
    await engine.close()
    // Written to the last: a pipe may be slower than we are.
    process.stdout.write('', () => process.exit(code))
  } finally {
    await engine.close()
  }
}

/** One message, or a chat. @returns the exit code */
async function talk(
  { engine, screen, flags }: { engine: TerminalEngine; screen: Screen; flags: RunFlags },
  message: string | undefined,
): Promise<ExitCode> {
  const { stdin, stdout, stderr } = process
  const { isLive } = screen
  const isAttended = flags.nonInteractive !== true
  const keyboard = isAttended && isLive && stdin.isTTY ? new Keyboard(stdin) : undefined
  const isJson = flags.json === true
  const conversation = new TerminalConversation({
    engine,
    screen,
    promptOutput: stderr,
    keyboard,
    isAttended,
    opensBrowser: flags.browser && hasPlaceForBrowser(),
    isJson,
    shows: isJson ? 'nothing' : stdout.isTTY ? 'streamed' : 'whole',
    timeoutMs: flags.timeout === undefined ? undefined : flags.timeout * 1_000,
    onInterrupt: () => void process.emit('SIGINT', 'SIGINT'),
  })
  interruptible(conversation, screen)
  if (engine.place > 1) screen.say(styled('yellow', '!'), 'Another run has the usual database: this one has sign-ins of its own.')
  if (message !== undefined) return exitCodeOf(await conversation.say(message))
  return chat({ conversation, screen, input: stdin, output: stderr, isLive, examples: engine.built.agent.examples })
}

/** A log whose lines do not begin in the middle of the one that changes. */
function logBeside(screen: Screen, log: Log): Log {
  const write =
    (level: keyof Log): Log[keyof Log] =>
    (words, facts) => {
      screen.live('')
      log[level](words, facts)
    }
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}

/** Where there is no screen, a browser could only be one that takes this terminal away. */
function hasPlaceForBrowser(): boolean {
  const { DISPLAY, WAYLAND_DISPLAY, WSL_DISTRO_NAME, BROWSER } = process.env
  return (
    process.platform !== 'linux' ||
    [DISPLAY, WAYLAND_DISPLAY, WSL_DISTRO_NAME, BROWSER].some((value) => value !== undefined && value !== '')
  )
}

function toSeconds(text: string): number {
  const seconds = Number(text)
  if (!/^\d+(\.\d+)?$/.test(text) || seconds <= 0 || seconds > 86_400) throw new InvalidArgumentError('Expected seconds, at most 86400.')
  return seconds
}
