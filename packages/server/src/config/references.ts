import type { ComponentRegistries, Reference, Section } from './component.ts'
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
    return (registry.get(type).references ?? []).flatMap((reference) =>
      pathsOf(root, path, reference.key.split('.')).flatMap((at) => problemsAt(root, at, reference)),
    )
  })
}

/** The paths that a key stands for below a path: each `*` of it is every key or index that is there. */
function pathsOf(root: ConfigNode, path: readonly string[], [step, ...rest]: readonly string[]): readonly (readonly string[])[] {
  if (step === undefined) return [path]
  const steps = step === '*' ? stepsAt(nodeAt(root, path)) : [step]
  return steps.flatMap((each) => pathsOf(root, [...path, each], rest))
}

function stepsAt(node: ConfigNode | undefined): readonly string[] {
  if (node?.kind === 'map') return [...node.entries.keys()]
  return node?.kind === 'list' ? node.items.map((_, at) => String(at)) : []
}

function problemsAt(root: ConfigNode, at: readonly string[], { to, by, refuses = {} }: Reference): readonly Problem[] {
  return by === 'key' ? missingKeys(root, at, to) : [...missing(root, at, to), ...refused(root, at, { to, refuses })]
}

/** The value at a path, when it names an entry of a type that may not stand there. */
function refused(
  root: ConfigNode,
  path: readonly string[],
  { to, refuses }: Required<Pick<Reference, 'to' | 'refuses'>>,
): readonly Problem[] {
  const name = textAt(root, path)
  const type = name === undefined ? undefined : textAt(root, [to, name, '_type'])
  if (name === undefined || type === undefined || !Object.hasOwn(refuses, type)) return []
  return [problem(root, path, `${quoted(name)} is of the type ${quoted(type)}: ${refuses[type]}`)]
}

function textAt(root: ConfigNode, path: readonly string[]): string | undefined {
  const node = nodeAt(root, path)
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined
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
