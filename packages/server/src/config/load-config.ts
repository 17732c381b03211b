import { dirname, join, resolve } from 'node:path'
import { type JsonObject, Secret } from '@countersign/core'
import type { ComponentRegistries } from './component.ts'
import { type FileSource, readFileTree } from './file-tree.ts'
import { findSchema, type SchemaSource } from './find-schema.ts'
import { invalidConfig, type Problem } from './problem.ts'
import { literalSecrets, redact, scrubber } from './redact.ts'
import type { ConfigSchema, ParsedConfig } from './schema.ts'

/** A whole configuration, and the parts that its entries name. */
export interface Config<Parts extends ComponentRegistries = ComponentRegistries> extends ParsedConfig {
  readonly parts: Parts
  readonly file: string
  /** The folder of the file: what the configuration names is beside it. */
  readonly directory: string
  readonly store: { readonly url: string; readonly max_connections: number; readonly timeout_seconds: number }
  /** The value of `COUNTERSIGN_KEYS`. */
  readonly environmentKeys?: Secret
}

/** What is loaded, and with what. */
export interface LoadOptions<Parts extends ComponentRegistries = ComponentRegistries> extends FileSource {
  /** What may stand in it. */
  readonly schema: ConfigSchema<Parts> | SchemaSource<Parts>
  /** Whether what is only questionable is refused. */
  readonly isStrict?: boolean
}

/** A configuration that may be used, what is questionable in it, and how it may be shown. */
export interface LoadedConfig<Parts extends ComponentRegistries = ComponentRegistries> {
  readonly config: Config<Parts>
  readonly warnings: readonly Problem[]
  readonly redacted: JsonObject
}

/**
 * Loads a configuration: file and bases, overrides, variables, schema. All mistakes are found at once.
 * @throws CountersignError `invalid_config`, whose message lists every mistake with its place
 */
export async function loadConfig<Parts extends ComponentRegistries>(options: LoadOptions<Parts>): Promise<LoadedConfig<Parts>> {
  const file = resolve(options.file)
  const directory = dirname(file)
  const tree = await readFileTree(options)
  const scrub = scrubber(tree.root, options.environment)
  // Of a document that could not be read, nothing more can be said.
  if (!tree.isWhole) throw invalidConfig(tree.problems.map(scrub))
  const { schema, problems: pluginProblems } = await findSchema(options.schema, tree.root, directory)
  const { parsed, root, problems, warnings } = schema.read(tree.root)
  // Of a plugin that is not there, nobody knows which types it would have brought.
  const known = problems.filter(({ path }) => pluginProblems.length === 0 || !path.endsWith('._type'))
  const questionable = [...warnings, ...literalSecrets(tree.root)]
  const further = [...pluginProblems, ...known, ...(options.isStrict === true ? questionable : [])]
  const all = [...tree.problems, ...firstOfEachPath(further, tree.problems)]
  if (parsed === undefined || all.length > 0) throw invalidConfig(all.map(scrub))
  const url = parsed.store.url ?? `sqlite:${join(directory, '.countersign', 'countersign.db')}`
  const { COUNTERSIGN_KEYS: keys = '' } = options.environment
  const environmentKeys = keys === '' ? {} : { environmentKeys: new Secret(keys) }
  return {
    config: { ...parsed, parts: schema.parts, file, directory, store: { ...parsed.store, url }, ...environmentKeys },
    warnings: questionable.map(scrub),
    redacted: redact(root),
  }
}

/** What is wrong with a value in one way is often wrong in another; the first way is enough. */
function firstOfEachPath(problems: readonly Problem[], before: readonly Problem[]): readonly Problem[] {
  const said = new Set(before.map(({ path }) => path))
  return problems.filter(({ path }) => !said.has(path) && said.add(path))
}
