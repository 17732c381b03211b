import type { ConfigNode, ScalarNode } from './node.ts'
import { emptyMap, forbiddenKeys, nodeAt, withNode } from './node.ts'
import { namedPlace } from './place.ts'
import type { Problem } from './problem.ts'
import { quoted } from './problem.ts'

/** One `--override key.path value` of the command line. */
export interface Override {
  readonly path: string
  readonly value: string
}

/**
 * The configuration with an override in it. Its type is that of the value it replaces: a list is split at commas, a text stays a text,
 * and everything else becomes what the schema wants. Whether a new key is allowed is the schema's business.
 */
export function applyOverride(
  root: ConfigNode,
  { path, value }: Override,
): { readonly root: ConfigNode; readonly problems: readonly Problem[] } {
  const place = namedPlace('--override')
  const refuse = (sentence: string): { root: ConfigNode; problems: Problem[] } => ({ root, problems: [{ path, sentence, place }] })
  const keys = path.split('.')
  if (keys.some((key) => key === '' || forbiddenKeys.has(key))) return refuse('this is no key path')
  const replaced = nodeAt(root, keys)
  if (replaced?.kind === 'map') return refuse('this is a map; name one of its keys')
  const scalar = (text: string, isText: boolean): ScalarNode => ({
    kind: 'scalar',
    value: text,
    place,
    isLiteral: true,
    ...(!isText && { isLoose: true }),
  })
  if (replaced?.kind === 'list') {
    const items = value === '' ? [] : value.split(',').map((item) => scalar(item.trim(), false))
    return { root: withNode(root, keys, { kind: 'list', items, place }), problems: [] }
  }
  const isText = typeof replaced?.value === 'string' && !replaced.value.includes('${')
  const changed = replaced === undefined ? addNew(root, keys, scalar(value, false)) : withNode(root, keys, scalar(value, isText))
  return typeof changed === 'string' ? refuse(changed) : { root: changed, problems: [] }
}

/** A key that is not there yet, with the maps above it; or why there is no place for it. */
function addNew(root: ConfigNode, keys: readonly string[], value: ScalarNode): ConfigNode | string {
  let grown = root
  for (const [at, key] of keys.entries()) {
    const parent = keys.slice(0, at)
    const holder = nodeAt(grown, parent)
    if (holder?.kind !== 'map') return `there is no ${quoted(key)} in ${parent.length === 0 ? 'this document' : quoted(parent.join('.'))}`
    const isLast = at === keys.length - 1
    if (isLast || !holder.entries.has(key)) grown = withNode(grown, [...parent, key], isLast ? value : emptyMap(value.place))
  }
  return grown
}
