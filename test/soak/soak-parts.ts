import { setTimeout as pause } from 'node:timers/promises'
import { defineFunction, definePlugin, defineLlm, defineTool, type Model, type Plugin, z } from '@countersign/server'

/** Where effects take place. */
const outside = z.url()
/** How long the model takes for a word, milliseconds: a process can die in the middle of a reply. */
const WORD_MS = 4

/** The parts of a server under soak: a model that calls what the person names, and tools whose effects are counted outside. */
export const soakParts: Plugin = definePlugin({
  llms: [defineLlm({ type: 'obedient', config: z.strictObject({}), create: () => obedient })],
  functions: [
    defineFunction({
      type: 'deed',
      config: z.strictObject({ outside, idempotent: z.boolean().default(false), risk: z.enum(['low', 'high']).default('low') }),
      create: ({ outside: url, idempotent, risk }, name) =>
        defineTool({
          name,
          description: 'Does one thing outside.',
          input: z.strictObject({}),
          idempotent,
          risk,
          execute: async (_input, { conversationId, callId, idempotencyKey: key }) =>
            doOutside(url, { tool: name, conversationId, callId, key }),
        }),
    }),
    defineFunction({
      type: 'order',
      config: z.strictObject({ outside }),
      create: ({ outside: url }, name) =>
        defineTool({
          name,
          description: 'Reserves once, asks, and then orders what was chosen.',
          input: z.strictObject({}),
          idempotent: true,
          async execute(_input, { ask, step, conversationId, callId, idempotencyKey: key }) {
            const deed = { conversationId, callId }
            await step('reserve', () => doOutside(url, { ...deed, tool: `${name}:reserve`, key: `${key}:reserve` }))
            const options = ['small', 'large'].map((value) => ({ label: value, value }))
            const size = await ask({ kind: 'radio', text: 'Which size?', options })
            return doOutside(url, { ...deed, tool: name, key, choice: size })
          },
        }),
    }),
    defineFunction({
      type: 'visit',
      config: z.strictObject({ outside, api: z.url(), reuse: z.enum(['conversation', 'principal']) }),
      create: ({ outside: url, api, reuse }, name) =>
        defineTool({
          name,
          description: 'Asks an API with the credential of the person.',
          input: z.strictObject({}),
          auth: { provider: 'demo', scopes: [], reuse },
          idempotent: true,
          async execute(_input, { fetch: fetchAsPerson, conversationId, callId, idempotencyKey: key }) {
            const deed = { conversationId, callId }
            await doOutside(url, { ...deed, tool: `${name}:arrive`, key: `${key}:arrive` })
            const response = await fetchAsPerson(api)
            if (!response.ok) throw new Error(`the API said ${response.status}`)
            return doOutside(url, { ...deed, tool: name, key })
          },
        }),
    }),
  ],
})

/** Calls what the last message of the person names, word by word, all at once. */
const obedient: Model = {
  name: 'obedient',
  async *stream({ messages }) {
    const last = messages.at(-1)
    for (const text of ['Let ', 'me ', 'see. ']) {
      yield { type: 'text', text }
      await pause(WORD_MS)
    }
    if (last?.role === 'user') for (const tool of last.text.split(' ')) yield { type: 'call', tool, input: {} }
    else yield { type: 'text', text: 'All is done.' }
  },
}

/** Something that is done outside, and by whom. */
interface OutsideRequest {
  readonly tool: string
  readonly conversationId: string
  readonly callId: string
  readonly key: string
  readonly choice?: string
}

async function doOutside(url: string, request: OutsideRequest): Promise<{ readonly receipt: number }> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify({ ...request, pid: process.pid }) })
  if (!response.ok) throw new Error(`outside said ${response.status}`)
  return (await response.json()) as { receipt: number } // written by the soak
}
