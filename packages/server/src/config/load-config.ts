import { dirname, join, resolve } from 'node:path'
import type { JsonObject } from '@countersign/core'
import { pluginsSchema } from './general-schema.ts'
import { mapScalars } from './node.ts'
import type { ConfigNode } from './node.ts'
import { applyOverride } from './override.ts'
import type { Override } from './override.ts'
import { invalidConfig } from './problem.ts'
import type { Problem } from './problem.ts'
import { readDocuments } from './read-documents.ts'
import { literalSecrets, redact, scrubber } from './redact.ts'
import type { ConfigSchema, ParsedConfig } from './schema.ts'
import { substitute } from './substitute.ts'
import type { Environment } from './substitute.ts'
import { validate } from './validate.ts'

/** A whole configuration. */
export interface Config extends ParsedConfig {
  readonly file: string
  /** The folder of the file: what the configuration names is beside it. */
  readonly directory: string
  readonly store: { readonly url: string }
}

/** What is loaded, and with what. */
export interface LoadOptions {
  readonly file: string
  /** What may stand in it; a function is given the plugins first, so that it can load their components. */
  readonly schema: ConfigSchema | ((plugins: readonly string[], directory: string) => ConfigSchema | Promise<ConfigSchema>)
  readonly overrides?: readonly Override[]
  readonly environment: Environment
}

/** A configuration that may be used, what is questionable in it, and how it may be shown. */
export interface LoadedConfig {
  readonly config: Config
  readonly warnings: readonly Problem[]
  readonly redacted: JsonObject
}

/**
 * Loads a configuration: file and bases, overrides, variables, schema. All mistakes are found at once.
 * @throws CountersignError `invalid_config`, whose message lists every mistake with its place
 */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const file = resolve(options.file)
  const directory = dirname(file)
  const documents = await readDocuments(options.file)
  const overridden = withOverrides(documents.root, options.overrides ?? [])
  const filled = withVariables(overridden.root, options.environment)
  const early = [...documents.problems, ...overridden.problems, ...filled.problems]
  const scrub = scrubber(filled.root, options.environment)
  // Of a document that could not be read, nothing more can be said.
  if (!documents.isWhole) throw invalidConfig(early.map(scrub))
  const schema = await schemaFor(options, filled.root, directory)
  const { parsed, root, problems, warnings } = schema.read(filled.root)
  const all = [...early, ...problems.filter(({ path }) => !early.some((known) => known.path === path))]
  if (parsed === undefined || all.length > 0) throw invalidConfig(all.map(scrub))
  const url = parsed.store.url ?? `sqlite:${join(directory, '.countersign', 'countersign.db')}`
  return {
    config: { ...parsed, file, directory, store: { url } },
    warnings: [...warnings, ...literalSecrets(filled.root)].map(scrub),
    redacted: redact(root),
  }
}

async function schemaFor({ schema }: LoadOptions, root: ConfigNode, directory: string): Promise<ConfigSchema> {
  if (typeof schema !== 'function') return schema
  return schema(validate(pluginsSchema, root, ['plugins']).value ?? [], directory)
}

interface Changed {
  readonly root: ConfigNode
  readonly problems: readonly Problem[]
}

function withOverrides(root: ConfigNode, overrides: readonly Override[]): Changed {
  const problems: Problem[] = []
  const changed = overrides.reduce((tree, override) => {
    const applied = applyOverride(tree, override)
    problems.push(...applied.problems)
    return applied.root
  }, root)
  return { root: changed, problems }
}

function withVariables(root: ConfigNode, environment: Environment): Changed {
  const problems: Problem[] = []
  const filled = mapScalars(root, (scalar, path) => {
    const at = { path: path.join('.'), place: scalar.place }
    const result = substitute(scalar, environment)
    problems.push(...result.problems.map((sentence) => ({ ...at, sentence })))
    const { value } = result.node
    if (typeof value === 'string' && value.startsWith('file://'))
      problems.push({ ...at, sentence: 'files are not read into values; write the text here' })
    return result.node
  })
  return { root: filled, problems }
}
