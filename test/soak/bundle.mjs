/** Puts a program of the soak, with our packages from their sources, into one JavaScript file. */
import { existsSync, symlinkSync } from 'node:fs'
import { basename, isAbsolute, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'vite'

/** Libraries that go into the file of a process that is killed often, because it must start quickly: all but those that are native, or are not needed at the start. */
const quick = { 'soak-process': /node_modules\/(?!(?:libsql|pg|ws|langchain|@langchain)\/)/ }

/**
 * @param {string} name of the program, as it is found from here
 * @param {string} folder where the bundle goes
 * @returns {Promise<string>} the file
 */
export async function bundleProgram(name, folder) {
  const stay = {
    name: 'libraries stay where they are installed',
    enforce: 'pre',
    async resolveId(id, importer) {
      if (importer === undefined || /^(?:[./\0]|node:|[a-z]:\\|@countersign\/)/i.test(id)) return undefined
      const found = await this.resolve(id, importer, { skipSelf: true })
      return found && isInstalled(found.id) && !quick[name]?.test(found.id)
        ? { id: pathToFileURL(found.id).href, external: true }
        : undefined
    },
  }
  await build({
    configFile: false,
    logLevel: 'error',
    plugins: [stay],
    ssr: { noExternal: true, resolve: { conditions: ['@countersign/source', 'node', 'import', 'default'] } },
    build: {
      ssr: fileURLToPath(new URL(`${name}.ts`, import.meta.url)),
      outDir: folder,
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      rolldownOptions: { output: { entryFileNames: `${basename(name)}.mjs` } },
    },
  })
  const libraries = join(folder, 'node_modules')
  // What the server looks for by name while it runs, such as the chat's files, is found as it is from here.
  if (!existsSync(libraries)) symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), libraries, 'junction')
  return join(folder, `${basename(name)}.mjs`)
}

function isInstalled(path) {
  return isAbsolute(path) && path.includes('node_modules')
}
