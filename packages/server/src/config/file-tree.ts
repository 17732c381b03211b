import { mapScalars } from './node.ts'
import type { ConfigNode } from './node.ts'
import { applyOverride } from './override.ts'
import type { Override } from './override.ts'
import type { Problem } from './problem.ts'
import { readDocuments } from './read-documents.ts'
import { substitute } from './substitute.ts'
import type { Environment } from './substitute.ts'

/** A configuration file, and what is filled into it. */
export interface FileSource {
  readonly file: string
  readonly overrides?: readonly Override[]
  readonly environment: Environment
}

/** A configuration file as it is meant: laid over its bases, with its overrides and variables. */
export interface FileTree {
  readonly root: ConfigNode
  readonly problems: readonly Problem[]
  /** Whether every file was there and was YAML: only then can more be said. */
  readonly isWhole: boolean
}

/** Reads a configuration file with all that belongs to it. */
export async function readFileTree({ file, overrides = [], environment }: FileSource): Promise<FileTree> {
  const documents = await readDocuments(file)
  const overridden = withOverrides(documents.root, overrides)
  const filled = withVariables(overridden.root, environment)
  return {
    root: filled.root,
    problems: [...documents.problems, ...overridden.problems, ...filled.problems],
    isWhole: documents.isWhole,
  }
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
