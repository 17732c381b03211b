import { createInterface } from 'node:readline'
import type { ReadStream } from 'node:tty'
import { type ExitCode, exitCodes } from './exit-code.ts'
import { type Output, type Screen, styled } from './screen.ts'
import type { TerminalConversation } from './terminal-conversation.ts'

/** How many lines can be called back with the arrow keys. */
const MAX_HISTORY = 200

/** Where lines are typed. */
interface LinePlace {
  readonly input: ReadStream
  readonly output: Output
  /** Whether lines can be edited on the way. */
  readonly isLive: boolean
}

/** Where a chat takes place. */
export interface ChatPlace extends LinePlace {
  readonly conversation: TerminalConversation
  readonly screen: Screen
  /** What can be asked, to begin with. */
  readonly examples: readonly string[]
}

/** Talks with the person until they leave: by Ctrl-D, or by Ctrl-C on an empty line. @returns the exit code */
export async function chat({ conversation, screen, examples, ...place }: ChatPlace): Promise<ExitCode> {
  const [example] = examples
  if (example !== undefined) screen.say(' ', styled('dim', `For example: ${example}`))
  screen.say(' ', styled('dim', 'Ctrl-C stops what runs, Ctrl-D leaves.'))
  let history: string[] = []
  for (;;) {
    const line = await readLine(place, history)
    if (line === undefined) return exitCodes.answered
    if (line.trim() === '') continue
    history = [line, ...history.filter((earlier) => earlier !== line)].slice(0, MAX_HISTORY)
    const { stop } = await conversation.say(line)
    if (stop === 'terminated') return exitCodes.terminated
  }
}

/** @returns undefined when the person leaves */
function readLine({ input, output, isLive }: LinePlace, history: readonly string[]): Promise<string | undefined> {
  const lines = createInterface({ input, output, terminal: isLive, history: [...history], historySize: MAX_HISTORY })
  return new Promise((resolve) => {
    lines.once('line', (line) => {
      resolve(line)
      lines.close()
    })
    lines.once('close', () => resolve(undefined))
    lines.once('close', () => output.write(lines.line === '' ? '' : '\n'))
    lines.on('SIGINT', () => {
      if (lines.line === '') return lines.close()
      // As in a shell, a line that was begun is taken back.
      lines.write(null, { ctrl: true, name: 'e' })
      lines.write(null, { ctrl: true, name: 'u' })
    })
    lines.setPrompt('› ')
    lines.prompt()
  })
}
