import { defineFunction, definePlugin, defineLlm, defineTool, type Model, type Plugin, z } from '@countersign/server'

/** What the tools did, by the id of the call. */
export type Effects = string[]

/** The words of a person that mean more than themselves. */
export const words = { ask: 'ask me', talk: (pieces: number) => `talk ${pieces}` }
/** How long one piece of talk is. */
export const PIECE = 16 * 1024

/** Parts of a server that does what it is told: asks when told to ask, talks as much as it is told to, and says back anything else. */
export function obedientParts(effects: Effects): Plugin {
  return definePlugin({
    llms: [defineLlm({ type: 'obedient', config: z.strictObject({}), create: () => obedient })],
    functions: [
      defineFunction({
        type: 'pick',
        config: z.strictObject({}),
        create: (_config, name) =>
          defineTool({
            name,
            description: 'Asks for a colour and paints with it.',
            input: z.strictObject({}),
            async execute(_input, { ask, callId }) {
              const options = ['red', 'blue'].map((value) => ({ label: value, value }))
              const colour = await ask({ kind: 'radio', text: 'Which colour?', options })
              effects.push(callId)
              return { colour }
            },
          }),
      }),
    ],
  })
}

const obedient: Model = {
  name: 'obedient',
  async *stream({ messages }) {
    const last = messages.at(-1)
    const said = last?.role === 'user' ? last.text : ''
    const pieces = Number(/^talk (\d+)$/.exec(said)?.[1] ?? 0)
    for (let piece = 0; piece < pieces; piece += 1) yield { type: 'text', text: 'x'.repeat(PIECE) }
    if (said === words.ask) yield { type: 'call', tool: 'pick', input: {} }
    else if (last?.role === 'tool') yield { type: 'text', text: `Done: ${JSON.stringify(last.results.map(({ output }) => output))}` }
    else if (pieces === 0) yield { type: 'text', text: `You said: ${said}` }
  },
}
