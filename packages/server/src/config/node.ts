import type { JsonObject, JsonValue } from '@countersign/core'
import type { Place } from './place.ts'

/** A value of the configuration together with its place. */
export type ConfigNode = ScalarNode | ListNode | MapNode

/** A text, number, boolean or null. */
export interface ScalarNode {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
  readonly place: Place
  /** Came as text from a variable or the command line: becomes a number or boolean where the schema wants one. */
  readonly isLoose?: boolean
  /** Came from the command line, so it is not substituted. */
  readonly isLiteral?: boolean
  /** Holds the value of a variable whose name says it is a secret. */
  readonly isSecret?: boolean
  /** The names of the variables it was made from. */
  readonly variables?: readonly string[]
  /** Holds what a variable is when it is not set. */
  readonly hasDefault?: boolean
}

/** A list. */
export interface ListNode {
  readonly kind: 'list'
  readonly items: readonly ConfigNode[]
  readonly place: Place
}

/** A map. */
export interface MapNode {
  readonly kind: 'map'
  readonly entries: ReadonlyMap<string, MapEntry>
  readonly place: Place
}

/** A key with its value. */
export interface MapEntry {
  readonly keyPlace: Place
  readonly value: ConfigNode
}

/** Keys that reach into prototypes. */
export const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/** The plain value of a node. */
export function toJson(node: ConfigNode): JsonValue {
  switch (node.kind) {
    case 'scalar':
      return node.value
    case 'list':
      return node.items.map(toJson)
    case 'map':
      return mapToJson(node)
  }
}

/** The plain object of a map. */
export function mapToJson(node: MapNode): JsonObject {
  return Object.fromEntries([...node.entries].map(([key, { value }]) => [key, toJson(value)]))
}

/** The node at a path of keys and indexes. */
export function nodeAt(node: ConfigNode, path: readonly PropertyKey[]): ConfigNode | undefined {
  let at: ConfigNode | undefined = node
  for (const step of path) at = at === undefined ? undefined : childOf(at, step)
  return at
}

/** The member `key` of a node, if it is a map that has it. */
export function childOf(node: ConfigNode, step: PropertyKey): ConfigNode | undefined {
  if (node.kind === 'map') return node.entries.get(String(step))?.value
  return node.kind === 'list' ? node.items[Number(step)] : undefined
}

/** The same tree with another node at a path; a new key is added to its map. Paths that lead nowhere change nothing. */
export function withNode(node: ConfigNode, path: readonly PropertyKey[], replacement: ConfigNode): ConfigNode {
  const [step, ...rest] = path
  if (step === undefined) return replacement
  if (node.kind === 'scalar') return node
  if (node.kind === 'list') {
    return { ...node, items: node.items.map((item, at) => (at === Number(step) ? withNode(item, rest, replacement) : item)) }
  }
  const key = String(step)
  const entry = node.entries.get(key)
  if (entry === undefined && rest.length > 0) return node
  const value = entry === undefined ? replacement : withNode(entry.value, rest, replacement)
  return { ...node, entries: new Map(node.entries).set(key, { keyPlace: entry?.keyPlace ?? replacement.place, value }) }
}

/** The same tree with `change` done to every scalar. */
export function mapScalars(
  node: ConfigNode,
  change: (scalar: ScalarNode, path: readonly string[]) => ConfigNode,
  path: readonly string[] = [],
): ConfigNode {
  switch (node.kind) {
    case 'scalar':
      return change(node, path)
    case 'list':
      return { ...node, items: node.items.map((item, at) => mapScalars(item, change, [...path, String(at)])) }
    case 'map': {
      const entries = [...node.entries].map(
        ([key, entry]) => [key, { ...entry, value: mapScalars(entry.value, change, [...path, key]) }] as const,
      )
      return { ...node, entries: new Map(entries) }
    }
  }
}

/** A map without some of its keys. */
export function withoutKeys(node: MapNode, keys: ReadonlySet<string>): MapNode {
  return { ...node, entries: new Map([...node.entries].filter(([key]) => !keys.has(key))) }
}

/** An empty map for a section that is not there. */
export function emptyMap(place: Place): MapNode {
  return { kind: 'map', entries: new Map(), place }
}
