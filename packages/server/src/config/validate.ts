import type { ZodError, ZodType } from 'zod'
import { issueProblems } from './issue-problems.ts'
import { plainSentence } from './plain-sentence.ts'
import { nodeAt, toJson, withNode } from './node.ts'
import type { ConfigNode, ScalarNode } from './node.ts'
import type { Problem } from './problem.ts'

/** What a schema made of a part of the tree. */
export interface Validated<T> {
  /** Absent when there are problems. */
  readonly value?: T
  /** The tree, with texts from variables and the command line become what the schema wants. */
  readonly root: ConfigNode
  readonly problems: readonly Problem[]
}

/** Reads the part of the tree at `path` by a schema. A part that is not there is read as absent. */
export function validate<T>(schema: ZodType<T>, root: ConfigNode, path: readonly string[]): Validated<T> {
  const first = parse(schema, root, path)
  if (first.success) return { value: first.data, root, problems: [] }
  const typed = withTypes(root, path, first.error)
  const second = typed === root ? first : parse(schema, typed, path)
  if (second.success) return { value: second.data, root: typed, problems: [] }
  return { root: typed, problems: issueProblems(second.error, schema, { root: typed, path }) }
}

function parse<T>(schema: ZodType<T>, root: ConfigNode, path: readonly string[]): ReturnType<ZodType<T>['safeParse']> {
  const node = nodeAt(root, path)
  return schema.safeParse(node === undefined ? undefined : toJson(node), { error: plainSentence })
}

/** Where the schema wants a number or boolean and a variable gave text, the text is read as YAML would. */
function withTypes(root: ConfigNode, path: readonly string[], error: ZodError): ConfigNode {
  let typed = root
  for (const issue of error.issues) {
    const wanted = wantedTypes(issue)
    const at = [...path, ...issue.path.map(String)]
    const node = wanted.length > 0 ? nodeAt(typed, at) : undefined
    if (node?.kind !== 'scalar' || node.isLoose !== true || typeof node.value !== 'string') continue
    const value = readAs(node.value, wanted)
    const replacement: ScalarNode = { ...node, value }
    if (value !== node.value) typed = withNode(typed, at, replacement)
  }
  return typed
}

function wantedTypes(issue: ZodError['issues'][number]): readonly string[] {
  if (issue.code === 'invalid_type') return [issue.expected]
  if (issue.code !== 'invalid_union') return []
  return issue.errors.flatMap((errors) =>
    errors.flatMap((inner) => (inner.code === 'invalid_type' && inner.path.length === 0 ? [inner.expected] : [])),
  )
}

function readAs(text: string, wanted: readonly string[]): string | number | boolean | null {
  if (wanted.includes('boolean') && /^(?:true|True|TRUE)$/.test(text)) return true
  if (wanted.includes('boolean') && /^(?:false|False|FALSE)$/.test(text)) return false
  const isNumber = (wanted.includes('number') || wanted.includes('int')) && /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/.test(text)
  return isNumber && Number.isFinite(Number(text)) ? Number(text) : text
}
