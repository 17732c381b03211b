import { defineFunction, definePlugin, defineTool, z } from '@countersign/server'

/** Tools whose code goes wrong where nobody catches it, with a secret in the words. */
const crash = defineFunction({
  type: 'crash',
  config: z.strictObject({ how: z.enum(['thrown', 'rejected']), secret: z.string() }),
  create: ({ how, secret }, name) =>
    defineTool({
      name,
      description: 'Crashes the machine.',
      input: z.strictObject({}),
      execute: () => {
        const error = Object.assign(new Error(`refused: Bearer ${secret}`), { secret })
        if (how === 'rejected') void Promise.reject(error)
        else setTimeout(() => fail(error))
        return new Promise(() => undefined)
      },
    }),
})

export const plugin = definePlugin({ functions: [crash] })

function fail(error) {
  throw error
}
