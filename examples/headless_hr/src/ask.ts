import { tell } from '@countersign/example-stage'
import { askAgent } from './ask-agent.ts'
import { connectAgent } from './connect-agent.ts'
import type { Standing } from './followed-task.ts'
import { CLIENTS, RESOURCES } from './registrations.ts'

/** Asks the agent of a running demo, and prints each state of the task, and the answer last. @returns the exit code */
export async function ask(
  question: string,
  { agent: agentUrl, issuer }: { readonly agent: string; readonly issuer: string },
): Promise<number> {
  try {
    const { card, client } = await connectAgent(agentUrl, { ...CLIENTS.questioner, issuer, resource: RESOURCES.agent.id })
    tell(`${card.name} ${card.version}: ${card.description}`)
    const { state, text } = await askAgent(client, question, tellStanding)
    if (state === 'completed') tell(text)
    return state === 'completed' ? 0 : 1
  } catch (error) {
    process.stderr.write(`${agentUrl} cannot be asked: ${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  }
}

/** Tells a state of the task on the way. The answer is told by whoever asked. */
export function tellStanding({ state, text }: Standing): void {
  tell(state === 'completed' || text === '' ? state : `${state}: ${text}`)
}
