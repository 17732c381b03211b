import { EventEmitter, once } from 'node:events'
import { join } from 'node:path'
import { TestPhone } from '@countersign/demo-provider/testing'
import { checkQuietly, type QuietRoom, tell } from '@countersign/example-stage'
import { type AgentOptions, startAgent } from './agent-process.ts'
import { askAgent, type Outcome } from './ask-agent.ts'
import { tellStanding } from './ask.ts'
import { connectAgent } from './connect-agent.ts'
import { QUESTION } from './question.ts'
import { CLIENTS, RESOURCES } from './registrations.ts'
import { type Staff0, startStaff0 } from './start-staff0.ts'

/** Plays the client, and John with his phone; kills the agent while it rings; prints the answer last. @returns the exit code */
export function check(): Promise<number> {
  return checkQuietly(async (room) => {
    const staff0 = await startStaff0({ provider: 0, hrApi: 0, directory: 0 }, { pollIntervalSeconds: 1 })
    try {
      const { state, text } = await play(room, staff0)
      if (state !== 'completed') throw new Error(`the task is ${state}: ${text}`)
      tell(text)
    } finally {
      await staff0.stop()
    }
  })
}

async function play({ folder, freePort }: QuietRoom, staff0: Staff0): Promise<Outcome> {
  const options: AgentOptions = { port: await freePort(), overrides: stateIn(folder) }
  let agent = await startAgent(staff0, options)
  try {
    const { card, client } = await connectAgent(agent.url, {
      ...CLIENTS.questioner,
      issuer: staff0.provider.issuer,
      resource: RESOURCES.agent.id,
    })
    tell(`found the card of "${card.name}"; asking: ${QUESTION}`)
    const states = new EventEmitter()
    const rings = once(states, 'auth-required')
    const asking = askAgent(client, QUESTION, (standing) => {
      tellStanding(standing)
      states.emit(standing.state)
    })
    // An agent that rings nobody ends the task, and says why.
    const early = await Promise.race([rings.then(() => undefined), asking])
    if (early !== undefined) return early
    await agent.kill()
    tell('the agent was killed while the phone rang; it is started again')
    agent = await startAgent(staff0, options)
    const phone = await TestPhone.of(staff0.provider.issuer, 'jdoe@staff0.com')
    const request = await phone.nextRequest()
    await request.approve()
    tell(`approved on the phone: “${request.bindingMessage}”`)
    const outcome = await asking
    if ((await phone.waiting()).length > 0) throw new Error('the phone rang a second time')
    return outcome
  } finally {
    await agent.stop()
  }
}

/** The agent keeps what it has to remember in this folder. */
function stateIn(folder: string): NonNullable<AgentOptions['overrides']> {
  return [
    { path: 'store.url', value: `sqlite:${join(folder, 'countersign.db')}` },
    { path: 'keys.file', value: join(folder, 'keys.json') },
  ]
}
