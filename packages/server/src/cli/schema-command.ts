import { dirname, resolve } from 'node:path'
import type { Command } from 'commander'
import { serverSchema } from '../config/build.ts'
import { readFileTree } from '../config/file-tree.ts'
import { findSchema } from '../config/find-schema.ts'
import { workflowJsonSchema } from '../config/json-schema.ts'
import { emptyMap } from '../config/node.ts'
import { namedPlace } from '../config/place.ts'
import { invalidConfig } from '../config/problem.ts'
import { type FileFlags, overridesOf } from './workflow-file.ts'

/** `countersign schema`: prints the JSON Schema of workflow files, with the parts that the plugins of a file bring. */
export async function schemaCommand(flags: FileFlags, command: Command): Promise<void> {
  const file = flags.config_file ?? flags.config
  const tree =
    file === undefined
      ? { root: emptyMap(namedPlace('')), problems: [], isWhole: true }
      : await readFileTree({ file, overrides: overridesOf(command, flags), environment: process.env })
  if (!tree.isWhole) throw invalidConfig(tree.problems)
  const { schema, problems } = await findSchema(serverSchema(), tree.root, dirname(resolve(file ?? '.')))
  if (problems.length > 0) throw invalidConfig(problems)
  process.stdout.write(`${JSON.stringify(workflowJsonSchema(schema.parts, file !== undefined), null, 2)}\n`)
}
