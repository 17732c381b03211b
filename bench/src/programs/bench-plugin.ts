import type { Message, Model, ModelEvent } from '@countersign/core'
import { defineFunction, defineLlm, definePlugin, defineTool, z } from '@countersign/server'
import { SAYINGS, TOKENS, TRANSFER, dripReply, longReply } from '../script.ts'

const transfer = defineTool({
  name: 'transfer',
  description: 'Transfers money.',
  input: z.object({ amount: z.number(), to: z.string() }),
  risk: 'high',
  execute: async ({ amount, to }) => ({ paid: amount, to }),
})

/** A model that takes no time: calls `transfer` when it is told to pay, and says twenty tokens otherwise and with the result. */
const instantModel: Model = {
  name: 'instant',
  async *stream({ messages }): AsyncGenerator<ModelEvent> {
    const last = messages.at(-1)
    if (isSaying(last, SAYINGS.pay)) yield { type: 'call', tool: 'transfer', input: TRANSFER }
    else if (isSaying(last, SAYINGS.stream)) for await (const text of longReply()) yield { type: 'text', text }
    else if (isSaying(last, SAYINGS.drip)) for await (const text of dripReply()) yield { type: 'text', text }
    else for (const text of TOKENS) yield { type: 'text', text }
  },
}

let chain: Promise<Model> | undefined

/** The same through LangChain, which is loaded with the first message. */
const chainModel: Model = {
  name: 'chain',
  async *stream(request) {
    chain ??= loadChain()
    yield* (await chain).stream(request)
  },
}

async function loadChain(): Promise<Model> {
  const [{ fromChatModel }, { InstantChatModel }] = await Promise.all([
    import('@countersign/core/langchain'),
    import('./instant-chat-model.ts'),
  ])
  return fromChatModel(new InstantChatModel())
}

/** What the measured workflows are made of: a tool about which the policy asks, and models that take no time. */
export const benchPlugin = definePlugin({
  functions: [defineFunction({ type: 'transfer', config: z.strictObject({}), create: () => transfer })],
  llms: [instantModel, chainModel].map((model) => defineLlm({ type: model.name, config: z.strictObject({}), create: () => model })),
})

function isSaying(message: Message | undefined, text: string): boolean {
  return message?.role === 'user' && message.text === text
}
