import { childrenOf, listOf, type Node } from './nodes.ts'

/** A place that reaches for the outside world by itself: `Date.now`, `setTimeout`, `process.env`. */
export interface GlobalUse {
  readonly name: string
  readonly line: number
}

const randomness = ['randomUUID', 'getRandomValues', 'randomBytes', 'randomInt']
/** `env` is nobody's global, but `import { env } from 'node:process'` makes it one here: see {@link namesOfStatement}. */
const functions = new Set(['setTimeout', 'setInterval', 'setImmediate', 'fetch', 'console', 'env', ...randomness])
const members = new Set(['Date.now', 'Math.random', 'performance.now', 'process.env', ...randomness.map((name) => `crypto.${name}`)])
const globalObjects = new Set(['globalThis', 'window', 'self', 'global'])
/** Node kinds around an expression that stay when types are erased; every other `TS…` node is a type. */
const typedExpressions = new Set(['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression', 'TSTypeAssertion'])

/** Finds the uses of clock, randomness, timers, network, environment and console that are not a local binding of the same name. */
export function globalUses(root: Node, lineOf: (offset: number) => number): GlobalUse[] {
  const uses: GlobalUse[] = []
  visit(root, [])
  return uses

  function visit(node: Node, scopes: readonly ReadonlySet<string>[]): void {
    if (node.type.startsWith('TS') && !typedExpressions.has(node.type)) return
    const names = namesDeclaredBy(node)
    const inner = names.length > 0 ? [...scopes, new Set(names)] : scopes
    const name = useOf(node)
    const isLocal = name !== undefined && inner.some((scope) => scope.has(name.split('.')[0] ?? name))
    if (name !== undefined && !isLocal) uses.push({ name, line: lineOf(node.start) })
    for (const child of childrenOf(node)) if (!isMereName(child, node)) visit(child, inner)
  }
}

/** The listed global that this one node uses. */
function useOf(node: Node): string | undefined {
  if (node.type === 'Identifier') return node.name !== undefined && functions.has(node.name) ? node.name : undefined
  if (node.type === 'NewExpression' && node.callee?.name === 'Date' && node.arguments?.length === 0) return 'Date'
  if (node.type === 'CallExpression' && node.callee?.name === 'Date') return 'Date'
  if (node.type !== 'MemberExpression') return undefined
  const path = memberPath(node)
  const [first = '', ...rest] = path
  const name = (globalObjects.has(first) ? rest : path).join('.')
  if (members.has(name)) return name
  return globalObjects.has(first) && functions.has(name) ? name : undefined
}

/** `a.b.c` as its names; a computed or longer expression gives names that match nothing. */
function memberPath(node: Node): string[] {
  if (node.type === 'Identifier') return [node.name ?? '']
  if (node.type !== 'MemberExpression' || !node.object || !node.property) return ['']
  const last = node.computed ? node.property.value : node.property.name
  return [...memberPath(node.object), typeof last === 'string' ? last : '']
}

/** A name that is spelled like a variable and is none: `x.fetch`, `{ fetch: … }`, a method `fetch()`. */
function isMereName(child: Node, parent: Node): boolean {
  if (parent.type === 'MemberExpression') return child === parent.property && !parent.computed
  if (parent.type.endsWith('Specifier')) return true
  return child === parent.key && !parent.computed
}

/** The names that a node binds for everything below it. */
function namesDeclaredBy(node: Node): string[] {
  switch (node.type) {
    case 'Program':
    case 'BlockStatement':
    case 'StaticBlock':
      return listOf(node.body).flatMap(namesOfStatement)
    case 'SwitchStatement':
      return listOf(node.cases).flatMap((each) => listOf(each.consequent).flatMap(namesOfStatement))
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return [...listOf(node.params), ...listOf(node.id)].flatMap(namesOfPattern)
    case 'ForStatement':
      return listOf(node.init).flatMap(namesOfStatement)
    case 'ForOfStatement':
    case 'ForInStatement':
      return listOf(node.left).flatMap(namesOfStatement)
    case 'CatchClause':
      return listOf(node.param).flatMap(namesOfPattern)
    default:
      return []
  }
}

/** What is imported from Node itself is the outside world under a local name, so it counts as not bound. */
function namesOfStatement(node: Node): string[] {
  const statement = node.type.startsWith('Export') ? node.declaration : node
  if (statement?.type === 'ImportDeclaration' && String(statement.source?.value).startsWith('node:')) return []
  if (statement?.type === 'ImportDeclaration') return listOf(statement.specifiers).map((each) => each.local?.name ?? '')
  if (statement?.type === 'VariableDeclaration')
    return listOf(statement.declarations).flatMap((each) => listOf(each.id).flatMap(namesOfPattern))
  return statement?.id ? namesOfPattern(statement.id) : []
}

function namesOfPattern(node: Node): string[] {
  switch (node.type) {
    case 'Identifier':
      return [node.name ?? '']
    case 'ObjectPattern':
      return listOf(node.properties).flatMap((each) => (each.argument ? namesOfPattern(each.argument) : patternValue(each)))
    case 'ArrayPattern':
      return (node.elements ?? []).flatMap((each) => (each ? namesOfPattern(each) : []))
    case 'AssignmentPattern':
      return listOf(node.left).flatMap(namesOfPattern)
    case 'RestElement':
      return listOf(node.argument).flatMap(namesOfPattern)
    default:
      return []
  }
}

/** In `{ fetch: mine = fallback }` the name that is bound stands on the right. */
function patternValue(property: Node): string[] {
  return namesOfPattern(property.value as Node) // in a pattern, a property's value is always a pattern
}
