import { parseSync } from 'vite'
import { globalUses, type GlobalUse } from './global-uses.ts'
import { type Node, nodesIn } from './nodes.ts'

/** One import or re-export of a module, as the compiler emits it: `isTypeOnly` ones leave no trace at run time. */
export interface Import {
  readonly specifier: string
  readonly line: number
  readonly isTypeOnly: boolean
  readonly isDynamic: boolean
  /** The imported names, as the other module calls them. */
  readonly names: readonly string[]
}

/** A TypeScript file with the facts that the house rules ask about. */
export interface Source {
  readonly path: string
  readonly text: string
  readonly isTest: boolean
  readonly imports: readonly Import[]
  readonly defaultExports: readonly number[]
  readonly starExports: readonly number[]
  readonly anyTypes: readonly number[]
  readonly suppressions: readonly number[]
  readonly globals: readonly GlobalUse[]
}

/** Reads the facts from one file's text. */
export function parseSource(path: string, text: string): Source {
  const { program, comments, errors } = parseSync(path, text)
  if (errors[0]) throw new Error(`"${path}" cannot be parsed: ${errors[0].message}`)
  const root = program as unknown as Node // the parser's own types name every node kind; the rules read nodes by their fields
  const nodes = [...nodesIn(root)]
  const lineOf = (offset: number): number => text.slice(0, offset).split('\n').length
  const linesOf = (isWanted: (node: Node) => boolean): number[] => nodes.filter(isWanted).map((node) => lineOf(node.start))
  return {
    path,
    text,
    isTest: path.endsWith('.test.ts'),
    imports: nodes.flatMap((node) => importOf(node, lineOf(node.start))),
    defaultExports: linesOf(isDefaultExport),
    starExports: linesOf((node) => node.type === 'ExportAllDeclaration'),
    anyTypes: linesOf((node) => node.type === 'TSAnyKeyword'),
    suppressions: comments.filter((comment) => /@ts-(ignore|nocheck)/.test(comment.value)).map((comment) => lineOf(comment.start)),
    globals: globalUses(root, lineOf),
  }
}

function importOf(node: Node, line: number): Import[] {
  const specifier = node.source?.value
  if (typeof specifier !== 'string') return []
  const isTypeOnly = node.importKind === 'type' || node.exportKind === 'type'
  const names = (node.specifiers ?? []).map((each) => (each.imported ?? each.local)?.name ?? '')
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      return [{ specifier, line, isTypeOnly, isDynamic: false, names }]
    case 'ImportExpression':
      return [{ specifier, line, isTypeOnly: false, isDynamic: true, names: [] }]
    case 'TSImportType':
      return [{ specifier, line, isTypeOnly: true, isDynamic: false, names: [] }]
    default:
      return []
  }
}

function isDefaultExport(node: Node): boolean {
  return node.type === 'ExportDefaultDeclaration' || (node.type === 'ExportSpecifier' && node.exported?.name === 'default')
}
