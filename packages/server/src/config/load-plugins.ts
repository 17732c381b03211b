import { isAbsolute, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { isCountersignError } from '@countersign/core'
import { readPlugin } from '../parts/plugin.ts'
import type { NamedPlugin, PluginProblem } from '../parts/server-parts.ts'
import { printable, quoted } from './problem.ts'
import { resolvePlugin } from './resolve-plugin.ts'

/** Plugins that were imported, and why others were not. */
export interface LoadedPlugins {
  readonly plugins: readonly NamedPlugin[]
  readonly problems: readonly PluginProblem[]
}

/** Imports the modules that a configuration lists under `plugins:`, in their order, and nothing else. */
export async function loadPlugins(names: readonly string[], directory: string): Promise<LoadedPlugins> {
  const plugins: NamedPlugin[] = []
  const problems: PluginProblem[] = []
  for (const name of names) {
    const found = await resolvePlugin(name, directory)
    const loaded = typeof found === 'string' ? await importPlugin(found, name, directory) : found
    if ('sentence' in loaded) problems.push({ name, sentence: `${quoted(name)} ${loaded.sentence}` })
    else plugins.push(loaded)
  }
  return { plugins, problems }
}

async function importPlugin(file: string, name: string, directory: string): Promise<NamedPlugin | { readonly sentence: string }> {
  let module: object
  try {
    // The only import whose target a configuration chooses. What a module is, only its reader knows.
    module = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as object
  } catch (error) {
    return { sentence: `could not be loaded: ${failure(error, directory)}` }
  }
  if (!('plugin' in module)) return { sentence: 'has no export called "plugin"; write: export const plugin = definePlugin({ … })' }
  try {
    return { name, plugin: readPlugin(module.plugin) }
  } catch (error) {
    if (isCountersignError(error, 'invalid_config')) return { sentence: `cannot be used: ${error.message}` }
    throw error
  }
}

/** What a module threw, and the first place of its stack that lies in the project. */
function failure(error: unknown, directory: string): string {
  if (!(error instanceof Error)) return 'it threw what is no error'
  const said = `${error.name}: ${printable(error.message.split('\n', 1)[0] ?? '')}`
  const places = [...(error.stack ?? '').matchAll(/([^\s()]+?):(\d+)(?::\d+)?\)?$/gm)].map(([, file = '', line = '']) => {
    const path = file.startsWith('file:') ? fileURLToPath(file) : file
    return isAbsolute(path) ? `${relative(directory, path)}:${line}` : undefined
  })
  const place = places.find((at) => at !== undefined && !at.startsWith('..'))
  return place === undefined ? said : `${said} (${place})`
}
