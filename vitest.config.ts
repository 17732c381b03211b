import { playwright } from '@vitest/browser-playwright'
import { defaultClientConditions, defaultServerConditions } from 'vite'
import { configDefaults, defineConfig } from 'vitest/config'
import { chromiumArgs, findChromium } from './tools/chromium.mjs'

/** Our packages are tested from their sources: this export condition leads to `src`, so no build is needed and no stale one is seen. */
const fromSource = '@countersign/source'
const executablePath = findChromium()
/** Gives tests a PostgreSQL under `DATABASE_URL`. */
const postgres = './tools/postgres-for-tests.mjs'

export default defineConfig({
  resolve: { conditions: [fromSource, ...defaultClientConditions] },
  ssr: { resolve: { conditions: [fromSource, ...defaultServerConditions], externalConditions: [fromSource] } },
  test: {
    dangerouslyIgnoreUnhandledErrors: false,
    restoreMocks: true,
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          environment: 'node',
          globalSetup: postgres,
          include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, '**/*.browser.test.ts', '**/*.e2e.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['packages/ui/src/**/*.browser.test.ts'],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            instances: [{ browser: 'chromium' }],
            // Without a path Playwright looks for its own download, and says what to do when there is none.
            provider: playwright({ launchOptions: { ...(executablePath && { executablePath }), args: [...chromiumArgs] } }),
          },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          environment: 'node',
          globalSetup: postgres,
          include: ['test/e2e/**/*.e2e.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Each file starts a server, a provider and a browser: one at a time is faster than all at once.
          maxWorkers: 1,
          fileParallelism: false,
        },
      },
    ],
  },
})
