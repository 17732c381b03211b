import type { ComponentRegistries } from './component.ts'
import { pluginsSchema } from './general-schema.ts'
import { problem } from './issue-problems.ts'
import type { ConfigNode } from './node.ts'
import type { Problem } from './problem.ts'
import type { ConfigSchema } from './schema.ts'
import { validate } from './validate.ts'

/**
 * Makes the schema once the plugins of a configuration are known, so that their parts can be among what it knows.
 * @param directory the folder of the configuration
 * @returns the schema, and what is wrong with a plugin, by its name
 */
export type SchemaSource<Parts extends ComponentRegistries> = (
  plugins: readonly string[],
  directory: string,
) => Promise<{ readonly schema: ConfigSchema<Parts>; readonly problems: readonly { readonly name: string; readonly sentence: string }[] }>

/** A schema, and what is wrong with the plugins that it should have known. */
export interface FoundSchema<Parts extends ComponentRegistries> {
  readonly schema: ConfigSchema<Parts>
  readonly problems: readonly Problem[]
}

/** The schema for a configuration's tree, once the plugins that the tree names are imported. */
export async function findSchema<Parts extends ComponentRegistries>(
  schema: ConfigSchema<Parts> | SchemaSource<Parts>,
  root: ConfigNode,
  directory: string,
): Promise<FoundSchema<Parts>> {
  if (typeof schema !== 'function') return { schema, problems: [] }
  const names = validate(pluginsSchema, root, ['plugins']).value ?? []
  const made = await schema(names, directory)
  const problems = made.problems.map(({ name, sentence }) => {
    const at = names.lastIndexOf(name)
    return problem(root, at < 0 ? ['plugins'] : ['plugins', String(at)], sentence)
  })
  return { schema: made.schema, problems }
}
