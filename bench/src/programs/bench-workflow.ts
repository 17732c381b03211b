import { type Message, type Model, type ModelEvent, type Runtime, type Workflow, defineTool, defineWorkflow } from '@countersign/core'
import { z } from 'zod'

/** What people say to the measured servers; the scripts of both sides go by it. */
export const SAYINGS = { pay: 'Pay Bob 50', tell: 'Tell me something', stream: 'Tell me much' } as const

/** A short reply, of as many tokens as the floor's. */
export const TOKENS: readonly string[] = Array.from({ length: 20 }, (_, index) => `token${index} `)

/** A long reply: bursts of ten tokens, between which the event loop has its turn, as between the packets of a provider. */
export async function* longReply(): AsyncGenerator<string> {
  for (let burst = 0; burst < 200; burst += 1) {
    for (let index = 0; index < 10; index += 1) yield TOKENS[index] ?? ''
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** The arguments of the one call. */
export const TRANSFER = { amount: 50, to: 'Bob' } as const

const transfer = defineTool({
  name: 'transfer',
  description: 'Transfers money.',
  input: z.object({ amount: z.number(), to: z.string() }),
  risk: 'high',
  execute: async ({ amount, to }) => ({ paid: amount, to }),
})

/** A model that takes no time: calls `transfer` when it is told to pay, and says twenty tokens otherwise and with the result. */
export const instantModel: Model = {
  name: 'instant',
  async *stream({ messages }): AsyncGenerator<ModelEvent> {
    const last = messages.at(-1)
    if (isSaying(last, SAYINGS.pay)) yield { type: 'call', tool: 'transfer', input: TRANSFER }
    else if (isSaying(last, SAYINGS.stream)) for await (const text of longReply()) yield { type: 'text', text }
    else for (const text of TOKENS) yield { type: 'text', text }
  },
}

/** A workflow whose policy asks before each transfer. */
export function benchWorkflow(model: Model, runtime: Pick<Runtime, 'sha256'>): Workflow {
  return defineWorkflow({ name: 'workflow', model, tools: [transfer] }, runtime)
}

function isSaying(message: Message | undefined, text: string): boolean {
  return message?.role === 'user' && message.text === text
}
