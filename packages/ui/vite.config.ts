import { defaultClientConditions, defineConfig, type UserConfig } from 'vite'

const resolve = { conditions: ['@countersign/source', ...defaultClientConditions] }

/** The page that the server hands out as it is: hashed files, nothing inline, no addresses of its own. */
const app: UserConfig = {
  base: './',
  resolve,
  build: { outDir: 'dist/app', target: 'es2023', sourcemap: false, modulePreload: false, assetsInlineLimit: 0 },
}

/** The elements for someone else's bundler; what npm installs beside them stays outside. */
const library: UserConfig = {
  resolve,
  publicDir: false,
  build: {
    outDir: 'dist/lib',
    target: 'es2023',
    minify: false,
    sourcemap: true,
    lib: { entry: 'src/index.ts', formats: ['es'], fileName: 'index' },
    rollupOptions: { external: [/^lit(\/|$)/, 'marked', 'dompurify'] },
  },
}

export default defineConfig(({ mode }) => (mode === 'library' ? library : app))
