import { exitCodes } from '../terminal/exit-code.ts'
import type { Screen } from '../terminal/screen.ts'
import type { TerminalConversation } from '../terminal/terminal-conversation.ts'

/** One press of Ctrl-C may arrive twice, from the terminal and from whoever passes it on; what comes later is meant. */
const ECHO_MS = 300

/** From now on a signal stops what the conversation does and withdraws its questions; a further one, or one while nothing runs, ends the process at once. */
export function interruptible(conversation: TerminalConversation, screen: Screen): void {
  let stoppedAt = -Infinity
  const take = (why: 'interrupted' | 'terminated') => (): void => {
    if (Date.now() - stoppedAt < ECHO_MS) return
    if (!conversation.stop(why)) process.exit(exitCodes[why])
    stoppedAt = Date.now()
    if (why === 'interrupted') screen.say(' ', 'Stopping. Ctrl-C again leaves at once.')
  }
  process.on('SIGINT', take('interrupted'))
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, take('terminated'))
  // Whoever read the answer has seen enough: `… | head`.
  process.stdout.on('error', () => process.exit(exitCodes.answered))
}
