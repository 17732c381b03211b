import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, posix, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSource, type Import, type Source } from './source.ts'

/** Text by path from the root; paths are written with `/` on every system. */
export type Files = Readonly<Record<string, string>>

/** The packages' sources, parsed, and where their imports lead. */
export interface House {
  readonly sources: readonly Source[]
  readonly paths: readonly string[]
  /** The path of the file that an import leads to; undefined if it leaves the repository. */
  readonly resolve: (from: Source, target: Import) => string | undefined
}

/** A broken rule: where, what, and what to do about it. */
export interface Finding {
  readonly path: string
  readonly line: number
  readonly message: string
}

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Reads what the rules look at: every source of every package, and the packages' `exports`. */
export function readFiles(): Files {
  const packages = existsSync(join(root, 'packages')) ? readdirSync(join(root, 'packages')) : []
  const paths = packages.flatMap((name) => [join('packages', name, 'package.json'), ...filesBelow(join('packages', name, 'src'))])
  const existing = paths.filter((path) => existsSync(join(root, path)))
  return Object.fromEntries(existing.map((path) => [path.split(sep).join('/'), readFileSync(join(root, path), 'utf8')]))
}

/** Parses the files and learns from each `package.json` which source stands behind which name. */
export function openHouse(files: Files): House {
  const paths = Object.keys(files).filter((path) => path.includes('/src/'))
  const sources = paths.filter((path) => path.endsWith('.ts')).map((path) => parseSource(path, files[path] ?? ''))
  const entries = entriesOf(files)
  return {
    sources,
    paths,
    resolve(from, { specifier }) {
      return specifier.startsWith('.') ? posix.join(posix.dirname(from.path), specifier) : entries.get(specifier)
    },
  }
}

/** The name of the package that an import asks the registry or the workspace for; undefined for Node's own and relative ones. */
export function packageOf({ specifier }: Import): string | undefined {
  if (specifier.startsWith('.') || isBuiltin(specifier)) return undefined
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

/** Whether a file lies in a folder, or is that file. */
export function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`)
}

function filesBelow(folder: string): string[] {
  if (!existsSync(join(root, folder))) return []
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(root, join(entry.parentPath, entry.name)))
}

interface Manifest {
  readonly name: string
  readonly exports?: Readonly<Record<string, string | { readonly '@countersign/source'?: string }>>
}

function entriesOf(files: Files): ReadonlyMap<string, string> {
  const manifests = Object.keys(files).filter((path) => path.endsWith('/package.json'))
  const entries = manifests.flatMap((path) => {
    const manifest = JSON.parse(files[path] ?? '{}') as Manifest // our own files, whose shape npm has checked
    return Object.entries(manifest.exports ?? {}).flatMap(([entry, target]): [string, string][] => {
      const source = typeof target === 'string' ? undefined : target['@countersign/source']
      return source ? [[posix.join(manifest.name, entry), posix.join(posix.dirname(path), source)]] : []
    })
  })
  return new Map(entries)
}
