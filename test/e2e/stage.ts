import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DemoProvider, type DemoProviderOptions, startDemoProvider } from '@countersign/demo-provider'
import { type CountersignServer, loadConfig, type Plugin, serve, type ServeOptions, serverSchema } from '@countersign/server'
import { type Browser, type BrowserContextOptions, chromium } from 'playwright'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { chromiumArgs, findChromium } from '../../tools/chromium.mjs'
import { freePort } from '../../tools/free-port.mjs'
import { Evidence } from './evidence.ts'
import { Person } from './person.ts'
import { type ServerProcess, startServerProcess } from './server-process.ts'
import { recordTokens, type TokenRecord } from './token-record.ts'
import { type WorkflowOptions, writeWorkflow } from './workflow-file.ts'

export interface StageOptions extends WorkflowOptions {
  readonly limits?: ServeOptions['limits']
  /** Puts a recorder before the provider's token endpoint. */
  readonly isRecorded?: boolean
  /** Puts a token endpoint in place of the provider's that answers with an error in which it repeats what it was sent. */
  readonly isRepeating?: boolean
  readonly intercept?: DemoProviderOptions['intercept']
  /** How often the provider may be asked whether somebody has decided, seconds. */
  readonly pollIntervalSeconds?: number
  /** Parts that the workflow may name besides those of the server. */
  readonly plugins?: readonly Plugin[]
  /** Where to keep what is seen; default: a new place. */
  readonly evidence?: Evidence
}

/** The provider and all that a test needs to start servers and browsers before it; everything ends with the test. */
export interface Stage {
  readonly provider: DemoProvider
  readonly evidence: Evidence
  /** What went through the token endpoint, if that is recorded. */
  readonly tokens: TokenRecord
  /** The server's address, also while it is not there. */
  readonly origin: string
  readonly folder: string
  readonly workflowFile: string
  /** Starts the server in this process. Stopped, it can be started again on the same database. */
  serve(): Promise<CountersignServer>
  /** Starts the server as a process of its own. */
  spawn(): Promise<ServerProcess>
  /** Somebody with a browser nobody knows. */
  person(options?: BrowserContextOptions): Promise<Person>
}

/** For a file of tests: one browser for all of them, and a stage for each. */
export function theatre(): (options?: StageOptions) => Promise<Stage> {
  let browser: Browser | undefined
  beforeAll(async () => {
    const executablePath = findChromium()
    browser = await chromium.launch({ args: [...chromiumArgs], ...(executablePath !== undefined && { executablePath }) })
  })
  afterAll(() => browser?.close())
  return (options = {}) => {
    if (!browser) throw new Error('a stage is opened within a test')
    return openStage(browser, options)
  }
}

async function openStage(browser: Browser, options: StageOptions): Promise<Stage> {
  const {
    limits,
    isRecorded = false,
    isRepeating = false,
    intercept,
    pollIntervalSeconds,
    plugins,
    evidence = new Evidence(),
    ...workflow
  } = options
  const folder = mkdtempSync(join(tmpdir(), 'countersign-e2e-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const port = await freePort()
  const origin = `http://localhost:${port}`
  const provider = await startDemoProvider({ port: 0, redirectUris: [`${origin}/auth/redirect`], intercept, pollIntervalSeconds })
  onTestFinished(() => provider.stop())
  const tokens = await recordTokens(isRepeating ? 'repeat' : `${provider.issuer}/oauth/token`)
  const tokenUrl = isRecorded ? { tokenUrl: tokens.url } : {}
  const workflowFile = writeWorkflow(folder, { port, issuer: provider.issuer }, { ...tokenUrl, ...workflow })
  return {
    provider,
    evidence,
    tokens,
    origin,
    folder,
    workflowFile,
    async serve() {
      const { config } = await loadConfig({ file: workflowFile, schema: serverSchema(plugins), environment: {} })
      const server = await serve(config, { log: evidence.log, ...(limits && { limits }) })
      let stopped: Promise<void> | undefined
      const stop = (): Promise<void> => (stopped ??= server.stop())
      onTestFinished(stop)
      return { ...server, stop }
    },
    spawn: () => startServerProcess(workflowFile, evidence),
    async person(contextOptions) {
      const context = await browser.newContext(contextOptions)
      onTestFinished(() => context.close())
      context.setDefaultTimeout(15_000)
      evidence.follow(context, origin)
      return new Person(context, await context.newPage(), origin)
    },
  }
}
