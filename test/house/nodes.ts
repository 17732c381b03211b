/** A node of the syntax tree, as far as the house rules look at it. */
export interface Node {
  readonly type: string
  readonly start: number
  readonly name?: string
  readonly computed?: boolean
  readonly importKind?: string
  readonly exportKind?: string
  readonly value?: unknown
  readonly source?: Node | null
  readonly specifiers?: readonly Node[]
  readonly imported?: Node
  readonly exported?: Node
  readonly local?: Node
  readonly object?: Node
  readonly property?: Node
  readonly key?: Node
  readonly callee?: Node
  readonly arguments?: readonly Node[]
  readonly expression?: Node
  readonly declaration?: Node | null
  readonly declarations?: readonly Node[]
  readonly cases?: readonly Node[]
  readonly consequent?: readonly Node[] | Node
  readonly id?: Node | null
  readonly body?: readonly Node[] | Node
  readonly params?: readonly Node[]
  readonly param?: Node | null
  readonly init?: Node | null
  readonly left?: Node
  readonly elements?: readonly (Node | null)[]
  readonly properties?: readonly Node[]
  readonly argument?: Node
}

/** The node itself and everything below it, in the order of the text. */
export function* nodesIn(node: Node): Generator<Node> {
  yield node
  for (const child of childrenOf(node)) yield* nodesIn(child)
}

/** The nodes directly below a node. */
export function childrenOf(node: Node): Node[] {
  return Object.values(node).flatMap((value: unknown) => (Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : []))
}

/** The same as a list: syntax trees write one statement and many statements in the same field. */
export function listOf(nodes: readonly Node[] | Node | null | undefined): readonly Node[] {
  if (!nodes) return []
  return isNode(nodes) ? [nodes] : nodes
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}
