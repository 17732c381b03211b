import { defaultServerConditions, defineConfig } from 'vite'

/**
 * The command and the library in a few files with what they need: finding and reading six hundred small ones was most of a start. Both
 * share one copy, so a plugin that imports this package gets the very parts that load it. Names and lines stay, for stack traces.
 */
export default defineConfig({
  publicDir: false,
  ssr: { noExternal: true, resolve: { conditions: ['@countersign/source', ...defaultServerConditions] } },
  build: {
    ssr: true,
    outDir: 'dist/lib',
    target: 'node20.19',
    minify: false,
    sourcemap: true,
    license: { fileName: 'licenses.md' },
    rolldownOptions: {
      input: { index: 'src/index.ts', main: 'src/cli/main.ts' },
      // Native code, and what only some workflows load.
      external: ['libsql', 'pg', 'oauth4webapi', /^@?langchain(?:\/|$)/],
      // All in one folder: what code finds beside its own file, it finds from each.
      output: { comments: false, chunkFileNames: '[name].js' },
    },
  },
})
