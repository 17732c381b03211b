import { defineFunction, definePlugin, defineLlm, defineTool, type Model, type Plugin, z } from '@countersign/server'

const outside = z.url()

/** The parts of a server whose tools are held outside, and whose model calls what the person names. */
export const takeoverParts: Plugin = definePlugin({
  llms: [defineLlm({ type: 'obedient', config: z.strictObject({}), create: () => obedient })],
  functions: [
    defineFunction({
      type: 'task',
      config: z.strictObject({ outside, idempotent: z.boolean() }),
      create: ({ outside: url, idempotent }, tool) =>
        defineTool({
          name: tool,
          description: 'Does one thing outside, and says there when it is told to stop.',
          input: z.strictObject({}),
          idempotent,
          async execute(_input, { signal, idempotencyKey: key }) {
            const stopped = (): void => void post(url, { tool: `${tool}:stopped`, key })
            signal.addEventListener('abort', stopped)
            const done = await post(url, { tool, key })
            // Afterwards every call's signal aborts.
            if (!signal.aborted) signal.removeEventListener('abort', stopped)
            return done
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
    if (last?.role === 'user') for (const tool of last.text.split(' ')) yield { type: 'call', tool, input: {} }
    else yield { type: 'text', text: 'All is done.' }
  },
}

async function post(url: string, request: { readonly tool: string; readonly key: string }): Promise<{ readonly by: number }> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify({ ...request, pid: process.pid }) })
  return (await response.json()) as { by: number } // written by the test
}
