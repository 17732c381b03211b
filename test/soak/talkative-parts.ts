import { setTimeout as pause } from 'node:timers/promises'
import { defineFunction, definePlugin, defineLlm, defineTool, type Model, type Plugin, z } from '@countersign/server'

/** How long the model takes for a word, milliseconds: a reply is many events, and a line can be cut between any two. */
const WORD_MS = 3

/** What a person says, and what comes of it. */
export const words = { tell: (count: number) => `tell ${count}`, paint: 'paint' }

/** The parts of a server that has much to say: long replies, words on the way, questions. @param painted told of each painting */
export function talkativeParts(painted: (callId: string) => void): Plugin {
  return definePlugin({
    llms: [defineLlm({ type: 'talkative', config: z.strictObject({}), create: () => talkative })],
    functions: [
      defineFunction({
        type: 'paint',
        config: z.strictObject({}),
        create: (_config, name) =>
          defineTool({
            name,
            description: 'Asks for a colour and paints with it.',
            input: z.strictObject({}),
            async execute(_input, { ask, progress, callId }) {
              const options = ['red', 'blue'].map((value) => ({ label: value, value }))
              const colour = await ask({ kind: 'radio', text: 'Which colour?', options })
              for (let layer = 1; layer <= 30; layer += 1) progress(`Layer ${layer} of ${colour}.`)
              painted(callId)
              return { colour }
            },
          }),
      }),
    ],
  })
}

const talkative: Model = {
  name: 'talkative',
  async *stream({ messages }) {
    const last = messages.at(-1)
    const said = last?.role === 'user' ? last.text : ''
    const count = Number(/^tell (\d+)$/.exec(said)?.[1] ?? 8)
    for (let word = 1; word <= count; word += 1) {
      yield { type: 'text', text: `word ${word} ` }
      await pause(WORD_MS)
    }
    if (said === words.paint) yield { type: 'call', tool: 'paint', input: {} }
  },
}
