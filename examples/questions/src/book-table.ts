import { defineFunction, defineTool, z } from '@countersign/server'

/** How long the restaurant keeps the table for somebody without a name, seconds. */
const HOLD_SECONDS = 60

/** Spends money, so a person approves the very call before it runs; and asks what soon expires. */
export const bookTable = defineFunction({
  type: 'book_table',
  config: z.strictObject({
    deposit: z.number().positive().default(10).describe('What the restaurant wants for each person, euros.'),
  }),
  create: ({ deposit }, name) =>
    defineTool({
      name,
      description: 'Books a table for a number of people and pays the deposit.',
      input: z.strictObject({ people: z.int().min(1).max(40).describe('How many people') }),
      risk: 'high',
      examples: ['Book a table for 6 people'],
      async execute({ people }, { ask, step }) {
        const guest = await ask({
          kind: 'text',
          text: `A table for ${people} is free. Under which name do you take it?`,
          placeholder: 'Lovelace',
          timeoutSeconds: HOLD_SECONDS,
          expiredText: 'The restaurant gave the table to somebody else.',
        })
        // A step keeps its result: however often the tool is entered, the deposit is paid once.
        const paid = await step('pay the deposit', async () => people * deposit)
        return { sentence: `The table for ${people} is booked under ${guest}, and the deposit of ${paid} EUR is paid.` }
      },
    }),
})
