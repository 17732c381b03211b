import { type Model, type Runtime, type Workflow, defineTool, defineWorkflow } from '@countersign/core'
import { scriptedModel } from '@countersign/core/testing'
import { z } from 'zod'

/** The reply that ends a cycle: as many tokens as the floor sends. */
export const TOKENS: readonly string[] = Array.from({ length: 20 }, (_, index) => `token${index} `)

const transfer = defineTool({
  name: 'transfer',
  description: 'Transfers money.',
  input: z.object({ amount: z.number(), to: z.string() }),
  risk: 'high',
  execute: async ({ amount, to }) => ({ paid: amount, to }),
})

/** The arguments of the one call. */
export const TRANSFER = { amount: 50, to: 'Bob' } as const

/** A model that calls `transfer` and, once it has a result, says twenty tokens; neither takes time. */
export function instantModel(): Model {
  const { name, stream } = scriptedModel([[{ call: 'transfer', input: TRANSFER }], TOKENS])
  return { name, stream }
}

/** A workflow whose policy asks before each transfer. */
export function approvalWorkflow(model: Model, runtime: Pick<Runtime, 'sha256'>): Workflow {
  return defineWorkflow({ name: 'workflow', model, tools: [transfer] }, runtime)
}
