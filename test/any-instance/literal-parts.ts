import { defineFunction, definePlugin, defineLlm, defineTool, type Model, type Plugin, z } from '@countersign/server'

/** A model that calls the tool whose name it is told, and a tool that does not end by itself. */
export const literalParts: Plugin = definePlugin({
  llms: [defineLlm({ type: 'literal', config: z.strictObject({}), create: () => literal })],
  functions: [
    defineFunction({
      type: 'dig',
      config: z.strictObject({}),
      create: (_config, name) =>
        defineTool({
          name,
          description: 'Digs until it is told to stop.',
          input: z.strictObject({}),
          async execute(_input, { signal }) {
            await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
            return 'a hole'
          },
        }),
    }),
  ],
})

const literal: Model = {
  name: 'literal',
  async *stream({ messages, tools }) {
    const last = messages.at(-1)
    if (last?.role === 'tool') yield { type: 'text', text: `Done: ${JSON.stringify(last.results.map(({ output }) => output))}` }
    else if (last?.role === 'user' && tools.some(({ name }) => name === last.text)) yield { type: 'call', tool: last.text, input: {} }
    else yield { type: 'text', text: 'There is no such tool.' }
  },
}
