import type { ComponentRegistries, Section } from './component.ts'
import { keyProblem, problem } from './issue-problems.ts'
import { nodeAt } from './node.ts'
import type { ConfigNode } from './node.ts'
import { quoted } from './problem.ts'
import type { Problem } from './problem.ts'
import { knownNames } from './suggest.ts'

/** Every name in the configuration that leads to no component of its section. */
export function referenceProblems(root: ConfigNode, registries: ComponentRegistries): readonly Problem[] {
  const named = (['functions', 'llms', 'authentication'] as const).flatMap((section) =>
    namesIn(root, section).map((name) => ({ path: [section, name], registry: registries[section] })),
  )
  return [...named, { path: ['workflow'], registry: registries.workflows }].flatMap(({ path, registry }) => {
    const typeNode = nodeAt(root, [...path, '_type'])
    const type = typeNode?.kind === 'scalar' ? typeNode.value : undefined
    if (typeof type !== 'string' || !registry.has(type)) return []
    return (registry.get(type).references ?? []).flatMap(({ key, to, by }) =>
      by === 'key' ? missingKeys(root, [...path, ...key.split('.')], to) : missing(root, [...path, ...key.split('.')], to),
    )
  })
}

/** The values at a path that name no entry of a section. */
export function missing(root: ConfigNode, path: readonly string[], to: Section): readonly Problem[] {
  const node = nodeAt(root, path)
  if (node === undefined || node.kind === 'map') return []
  if (node.kind === 'list') return node.items.flatMap((_, at) => missing(root, [...path, String(at)], to))
  const known = namesIn(root, to)
  // A value that is no text is the schema's business.
  if (typeof node.value !== 'string' || known.includes(node.value)) return []
  return [problem(root, path, nobody(node.value, to, known))]
}

function missingKeys(root: ConfigNode, path: readonly string[], to: Section): readonly Problem[] {
  const node = nodeAt(root, path)
  const known = namesIn(root, to)
  const names = node?.kind === 'map' ? [...node.entries.keys()] : []
  return names.filter((name) => !known.includes(name)).map((name) => keyProblem(root, [...path, name], nobody(name, to, known)))
}

function nobody(name: string, to: Section, known: readonly string[]): string {
  return `there is no ${quoted(name)} in "${to}"${knownNames(name, known)}`
}

function namesIn(root: ConfigNode, section: Section): readonly string[] {
  const node = nodeAt(root, [section])
  return node?.kind === 'map' ? [...node.entries.keys()] : []
}
