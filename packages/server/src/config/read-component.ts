import type { Registry } from '@countersign/core'
import type { ComponentDefinition, ConfiguredComponent } from './component.ts'
import { keyProblem, problem } from './issue-problems.ts'
import { nodeAt, withNode, withoutKeys } from './node.ts'
import type { ConfigNode, MapNode } from './node.ts'
import { quoted } from './problem.ts'
import type { Problem } from './problem.ts'
import { knownNames } from './suggest.ts'
import { validate } from './validate.ts'

/** What reading one entry comes to. */
export interface ReadComponent {
  readonly component?: ConfiguredComponent
  readonly root: ConfigNode
  readonly problems: readonly Problem[]
  readonly warnings: readonly Problem[]
}

/** Reads the entry at `path` by the definition its `_type` names. */
export function readComponent(
  root: ConfigNode,
  path: readonly string[],
  kind: { readonly registry: Registry<ComponentDefinition>; readonly sort: string },
): ReadComponent {
  const refuse = (at: readonly string[], sentence: string): ReadComponent => ({
    root,
    problems: [problem(root, at, sentence)],
    warnings: [],
  })
  const node = nodeAt(root, path)
  const known = kind.registry.names()
  if (node === undefined) return refuse(path, 'is required')
  if (node.kind !== 'map') return refuse(path, 'expected a map with a "_type"')
  const typeNode = node.entries.get('_type')?.value
  if (typeNode === undefined) return refuse([...path, '_type'], `is required; known: ${known.join(', ')}`)
  const type = typeNode.kind === 'scalar' ? typeNode.value : undefined
  if (typeof type !== 'string') return refuse([...path, '_type'], `expected the name of a ${kind.sort}; known: ${known.join(', ')}`)
  if (!kind.registry.has(type)) return refuse([...path, '_type'], `unknown ${kind.sort} ${quoted(type)}${knownNames(type, known)}`)
  return readByDefinition(root, path, { node, definition: kind.registry.get(type), type })
}

function readByDefinition(
  root: ConfigNode,
  path: readonly string[],
  entry: { readonly node: MapNode; readonly definition: ComponentDefinition; readonly type: string },
): ReadComponent {
  const { node, definition, type } = entry
  const ignored = new Set((definition.ignored ?? []).filter((key) => node.entries.has(key)))
  const warnings = [...ignored].map((key) => keyProblem(root, [...path, key], 'has no effect here'))
  const doubled = Object.entries(definition.aliases ?? {}).filter(([alias, key]) => node.entries.has(alias) && node.entries.has(key))
  const dropped = new Set([...ignored, ...doubled.map(([alias]) => alias)])
  const renamed = renameKeys(withoutKeys(node, dropped), definition.aliases ?? {})
  // The definition's schema sees the entry without `_type`.
  const cleaned = withNode(root, path, withoutKeys(renamed, new Set(['_type'])))
  const { value, root: read, problems } = validate(definition.config, cleaned, path)
  const typed = withTypeAgain(read, path, renamed)
  const twice = doubled.map(([alias, key]) =>
    keyProblem(root, [...path, alias], `is another name of ${quoted(key)}, which stands here as well`),
  )
  const all = [...twice, ...problems.map((found) => asWritten(found, path, { node, aliases: definition.aliases ?? {} }))]
  if (all.length > 0) return { root: typed, problems: all, warnings }
  const cautions = Object.entries(definition.cautions?.(value) ?? {}).map(([key, sentence]) => keyProblem(root, [...path, key], sentence))
  return { component: { name: path.at(-1) ?? '', type, config: value }, root: typed, problems: [], warnings: [...warnings, ...cautions] }
}

/** A problem under the name that the entry itself gives to the key. */
function asWritten(
  found: Problem,
  path: readonly string[],
  { node, aliases }: { readonly node: MapNode; readonly aliases: Readonly<Record<string, string>> },
): Problem {
  const [key = '', ...rest] = found.path.slice(path.join('.').length + 1).split('.')
  const alias = Object.keys(aliases).find((name) => aliases[name] === key && node.entries.has(name))
  return alias === undefined ? found : { ...found, path: [...path, alias, ...rest].join('.') }
}

function withTypeAgain(root: ConfigNode, path: readonly string[], original: MapNode): ConfigNode {
  const node = nodeAt(root, path)
  if (node?.kind !== 'map') return root
  const entries = new Map([...original.entries].map(([key, entry]) => [key, node.entries.get(key) ?? entry]))
  return withNode(root, path, { ...node, entries })
}

function renameKeys(node: MapNode, aliases: Readonly<Record<string, string>>): MapNode {
  const name = (key: string): string => {
    const target = Object.hasOwn(aliases, key) ? aliases[key] : undefined
    return target === undefined || node.entries.has(target) ? key : target
  }
  return { ...node, entries: new Map([...node.entries].map(([key, entry]) => [name(key), entry])) }
}
