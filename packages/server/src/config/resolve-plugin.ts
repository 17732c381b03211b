import { readFile, realpath, stat } from 'node:fs/promises'
import { createRequire, isBuiltin } from 'node:module'
import { join, sep } from 'node:path'

/** Why a plugin is not there. */
export interface Unresolved {
  /** Goes on after the plugin's name. */
  readonly sentence: string
}

/**
 * The file of a plugin: a path below the configuration's folder, or a package that is installed for it.
 * A link that leads out of the folder is refused.
 */
export async function resolvePlugin(name: string, directory: string): Promise<string | Unresolved> {
  return name.startsWith('./') ? resolveFile(name, directory) : resolvePackage(name, directory)
}

async function resolveFile(name: string, directory: string): Promise<string | Unresolved> {
  const folder = await realpath(directory)
  const file = await realpath(join(folder, name)).catch(() => undefined)
  if (file === undefined) return { sentence: 'does not exist beside the configuration' }
  if (!file.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return { sentence: 'leads out of the folder of the configuration' }
  return (await stat(file)).isFile() ? file : { sentence: 'is not a file' }
}

/** As Node resolves an import from that folder: its own way to do so for another folder is experimental, and warns. */
async function resolvePackage(name: string, directory: string): Promise<string | Unresolved> {
  if (isBuiltin(name)) return { sentence: 'is a module of Node, not a plugin' }
  const require = createRequire(join(directory, 'plugins.js'))
  const [, packageName = name, subpath = ''] = /^((?:@[^/]+\/)?[^/]+)(\/.*)?$/.exec(name) ?? []
  for (const folder of require.resolve.paths(packageName) ?? []) {
    const manifest = await readManifest(join(folder, packageName))
    if (manifest === undefined) continue
    if (manifest.exports === undefined) return resolveMain(require, name)
    const target = exportOf(manifest.exports, `.${subpath}`)
    const file = target?.startsWith('./') === true && !target.includes('..') ? join(folder, packageName, target) : undefined
    return file ?? { sentence: `is not among what the package "${packageName}" exports` }
  }
  return { sentence: `is not installed beside the configuration; run: npm install ${packageName}` }
}

function resolveMain(require: NodeJS.Require, name: string): string | Unresolved {
  try {
    return require.resolve(name)
  } catch {
    return { sentence: 'names no file of its package' }
  }
}

async function readManifest(folder: string): Promise<{ readonly exports?: unknown } | undefined> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined)
  // A manifest is an object: npm installs nothing else.
  return text === undefined ? undefined : (JSON.parse(text) as { exports?: unknown })
}

const conditions: ReadonlySet<string> = new Set(['import', 'node', 'module-sync', 'default'])

/** The file that a package's `exports` has for a subpath. @see https://nodejs.org/api/packages.html#conditional-exports */
function exportOf(exports: unknown, subpath: string): string | undefined {
  const bySubpath = typeof exports === 'object' && exports !== null && Object.keys(exports).some((key) => key.startsWith('.'))
  if (!bySubpath) return subpath === '.' ? targetOf(exports) : undefined
  return targetOf(new Map<string, unknown>(Object.entries(exports)).get(subpath))
}

/** The first target whose condition holds here. */
function targetOf(target: unknown): string | undefined {
  if (typeof target === 'string') return target
  if (typeof target !== 'object' || target === null) return undefined
  const choices = Object.entries(target).filter(([key]) => Array.isArray(target) || conditions.has(key))
  for (const [, choice] of choices) {
    const found = targetOf(choice)
    if (found !== undefined) return found
  }
  return undefined
}
