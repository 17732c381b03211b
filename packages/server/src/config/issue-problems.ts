import type { ZodError, ZodType } from 'zod'
import { knownKeys } from './known-keys.ts'
import { childOf, nodeAt } from './node.ts'
import type { ConfigNode } from './node.ts'
import type { Place } from './place.ts'
import { quoted } from './problem.ts'
import type { Problem } from './problem.ts'
import { knownNames, nearest } from './suggest.ts'

type Issue = ZodError['issues'][number]

/** What zod found, in sentences with places; values are never repeated. `path` is where the schema's value stands in `root`. */
export function issueProblems(
  error: ZodError,
  schema: ZodType,
  at: { readonly root: ConfigNode; readonly path: readonly string[] },
): readonly Problem[] {
  return error.issues.flatMap((issue) => {
    const path = [...at.path, ...issue.path.map(String)]
    if (issue.code === 'unrecognized_keys') {
      const known = knownKeys(schema, issue.path)
      return issue.keys.map((key) => keyProblem(at.root, [...path, key], `unknown key ${quoted(key)}${knownNames(key, known)}`))
    }
    return [problem(at.root, path, sentenceOf(issue, nodeAt(at.root, path)))]
  })
}

/** A problem with the value at a path; of one that is not there, where its map is. */
export function problem(root: ConfigNode, path: readonly string[], sentence: string): Problem {
  return { path: path.join('.'), sentence, place: placeAt(root, path, false) }
}

/** A problem with the key at the end of a path. */
export function keyProblem(root: ConfigNode, path: readonly string[], sentence: string): Problem {
  return { path: path.join('.'), sentence, place: placeAt(root, path, true) }
}

function placeAt(root: ConfigNode, path: readonly string[], isKey: boolean): Place {
  let place = root.place
  let node: ConfigNode | undefined = root
  for (const [at, step] of path.entries()) {
    const entry: { readonly keyPlace: Place } | undefined = node?.kind === 'map' ? node.entries.get(step) : undefined
    node = node === undefined ? undefined : childOf(node, step)
    if (node === undefined) return place
    const isValue = at === path.length - 1 && node.kind === 'scalar' && !isKey
    place = entry === undefined || isValue ? node.place : entry.keyPlace
  }
  return place
}

function sentenceOf(issue: Issue, node: ConfigNode | undefined): string {
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue.expected, node)
    case 'invalid_value':
      return node === undefined ? 'is required' : oneOf(issue.values.map(String), node)
    case 'invalid_union':
      return unionSentence(issue, node)
    default:
      return lowerFirst(issue.message)
  }
}

function wrongType(expected: string, node: ConfigNode | undefined): string {
  if (node === undefined) return 'is required'
  const name = typeNames[expected] ?? expected
  if (expected === 'int' && node.kind === 'scalar' && typeof node.value === 'number') return `expected ${name}`
  const remedy = remedyOf(expected, node)
  return `expected ${name}, found ${kindOf(node)}${remedy === undefined ? '' : `; ${remedy}`}`
}

/** What to do when the value is nearly of the type. */
function remedyOf(expected: string, node: ConfigNode): string | undefined {
  if (node.kind !== 'scalar' || node.value === null) return undefined
  if (expected === 'string') return 'put quotes around it'
  if (expected === 'array') return 'a list stands in brackets: [a, b]'
  const isInQuotes = typeof node.value === 'string' && readsAs(node.value, expected)
  return isInQuotes ? 'take the quotes away' : undefined
}

function readsAs(text: string, expected: string): boolean {
  if (expected === 'boolean') return text === 'true' || text === 'false'
  return (expected === 'number' || expected === 'int') && /^-?\d+(?:\.\d+)?$/.test(text)
}

function oneOf(values: readonly string[], node: ConfigNode): string {
  const near = node.kind === 'scalar' ? nearest(String(node.value), values) : undefined
  const list = `expected ${values.length === 1 ? '' : 'one of '}${values.map((value) => `"${value}"`).join(', ')}`
  return near === undefined ? list : `${list}; did you mean "${near}"?`
}

/** The branch that came closest speaks for all. */
function unionSentence(issue: Extract<Issue, { code: 'invalid_union' }>, node: ConfigNode | undefined): string {
  if (node === undefined) return 'is required'
  if (issue.message !== 'Invalid input') return lowerFirst(issue.message)
  const types = issue.errors.flatMap((errors) =>
    errors.flatMap((inner) =>
      inner.code === 'invalid_type' && inner.path.length === 0 ? [typeNames[inner.expected] ?? inner.expected] : [],
    ),
  )
  const isOnlyTypes = types.length === issue.errors.length && types.length > 0
  if (isOnlyTypes) return `expected ${anyOf([...new Set(types)])}, found ${kindOf(node)}`
  const closest = issue.errors.find((errors) => errors.some(({ path }) => path.length > 0))?.find(({ path }) => path.length > 0)
  return closest === undefined
    ? 'fits none of the forms it may have'
    : `${closest.path.map(String).join('.')}: ${lowerFirst(closest.message)}`
}

function anyOf(names: readonly string[]): string {
  const last = names.at(-1) ?? ''
  return names.length < 3 ? names.join(' or ') : `${names.slice(0, -1).join(', ')} or ${last}`
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
  null: 'null',
}

function kindOf(node: ConfigNode): string {
  if (node.kind !== 'scalar') return node.kind === 'list' ? 'a list' : 'a map'
  if (node.value === null) return 'nothing'
  if (typeof node.value === 'boolean') return String(node.value)
  return typeNames[typeof node.value] ?? 'something else'
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
