import type { ConfigNode, MapEntry } from './node.ts'

/** A base with another configuration laid over it: maps are merged deeply, everything else is replaced. */
export function merge(base: ConfigNode, over: ConfigNode): ConfigNode {
  if (base.kind !== 'map' || over.kind !== 'map') return over
  const entries = new Map<string, MapEntry>(base.entries)
  for (const [key, entry] of over.entries) {
    const below = base.entries.get(key)
    entries.set(key, below === undefined ? entry : { ...entry, value: merge(below.value, entry.value) })
  }
  return { ...over, entries }
}
