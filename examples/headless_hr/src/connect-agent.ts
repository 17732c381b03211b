import type { AgentCard } from '@a2a-js/sdk'
import {
  type Client,
  ClientFactory,
  createAuthenticatingFetchWithRetry,
  DefaultAgentCardResolver,
  JsonRpcTransportFactory,
} from '@a2a-js/sdk/client'
import { clientCredentialsFlow, type Registration, tokenBearer } from './agent-token.ts'

/** An agent that can be asked. */
export interface Agent {
  readonly card: AgentCard
  readonly client: Client
}

/** An agent did not take our token, and why, in its own words: the `WWW-Authenticate` of its answer. */
export class AgentRefusal extends Error {
  readonly status: number
  readonly challenge: string

  constructor({ status, headers }: Response) {
    const challenge = headers.get('www-authenticate') ?? ''
    super(`the agent refused with HTTP ${status}: ${challenge}`)
    this.status = status
    this.challenge = challenge
  }
}

/** Reads an agent's card, and makes ready to talk to it as the card says. @throws AgentRefusal from whatever is then asked of it */
export async function connectAgent(url: string, registration: Registration): Promise<Agent> {
  const card = await new DefaultAgentCardResolver().resolve(url)
  const authorised = createAuthenticatingFetchWithRetry(fetch, tokenBearer(clientCredentialsFlow(card), registration))
  const fetchImpl: typeof fetch = async (input, init) => {
    const response = await authorised(input, init)
    if (response.status === 401 || response.status === 403) throw new AgentRefusal(response)
    return response
  }
  const factory = new ClientFactory({ transports: [new JsonRpcTransportFactory({ fetchImpl })] })
  return { card, client: await factory.createFromAgentCard(card) }
}
