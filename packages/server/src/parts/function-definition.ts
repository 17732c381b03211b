import type { Tool } from '@countersign/core'
import type { z } from 'zod'
import type { ComponentDefinition } from '../config/component.ts'

/** A sort of function: what its entry in a workflow file looks like, and the tool it makes. */
export interface FunctionDefinition<Config extends z.ZodType = z.ZodType> extends ComponentDefinition<Config> {
  /** @param name the entry's name, by which the model calls it */
  create(config: z.output<Config>, name: string): Tool
}

/** Lets a definition's `create` know the type of its own configuration. */
export function defineFunction<Config extends z.ZodType>(definition: FunctionDefinition<Config>): FunctionDefinition<Config> {
  return definition
}
