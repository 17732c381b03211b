import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'vite'

/** Puts the story's program with our sources into one JavaScript file: a life is short, so its start must be. @returns the file */
export async function buildStory(folder: string): Promise<string> {
  const entry = fileURLToPath(new URL('story-process.ts', import.meta.url))
  await build({
    configFile: false,
    logLevel: 'error',
    plugins: [
      {
        name: 'the native driver stays where it is installed',
        enforce: 'pre',
        resolveId: (id) => (id === 'libsql' ? { id: pathToFileURL(requireOfServer.resolve(id)).href, external: true } : undefined),
      },
    ],
    ssr: { noExternal: true, resolve: { conditions: ['@countersign/source', 'node', 'import', 'default'] } },
    build: {
      ssr: entry,
      outDir: folder,
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      rolldownOptions: { output: { entryFileNames: 'story.mjs' } },
    },
  })
  return join(folder, 'story.mjs')
}

const requireOfServer = createRequire(new URL('../../packages/server/package.json', import.meta.url))
