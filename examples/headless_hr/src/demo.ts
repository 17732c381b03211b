import { showUntilStopped } from '@countersign/example-stage'
import { type AgentProcess, startAgent } from './agent-process.ts'
import { QUESTION } from './question.ts'
import { type Staff0, startStaff0 } from './start-staff0.ts'

/** The demo: starts all, says what to do, and stops all on Ctrl-C. @returns the exit code */
export function demo(): Promise<number> {
  return showUntilStopped(start, ({ agent, staff0 }) => [
    `Agent card       ${agent.url}/.well-known/agent-card.json`,
    `John's phone     ${staff0.provider.issuer}/phone, sign in as jdoe@staff0.com`,
    '',
    'Ask, in a second terminal:',
    `npm run example -- headless_hr --ask "${QUESTION}"`,
    '',
    'Jane Roe (jroe@staff0.com) has left, Richard Miles (rmiles@staff0.com) is a contractor; each is asked on their own phone.',
    `The directory is ${staff0.directoryUrl}, the HR API ${staff0.hrApiUrl}, the authorization server ${staff0.provider.issuer}.`,
    'Ctrl-C stops all.',
  ])
}

interface All {
  readonly staff0: Staff0
  readonly agent: AgentProcess
  stop(): Promise<void>
}

async function start(): Promise<All> {
  const staff0 = await startStaff0({ provider: 5001, hrApi: 10_051, directory: 10_052 })
  try {
    const agent = await startAgent(staff0, { port: 10_050 })
    return {
      staff0,
      agent,
      async stop() {
        await agent.stop()
        await staff0.stop()
      },
    }
  } catch (error) {
    await staff0.stop()
    throw error
  }
}
