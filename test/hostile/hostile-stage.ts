import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Log, LogFacts } from '@countersign/core'
import { type CountersignServer, loadConfig, serve, serverSchema } from '@countersign/server'
import { onTestFinished } from 'vitest'
import { PlainBrowser } from '../e2e/plain-browser.ts'
import { type Effects, obedientParts } from './obedient-parts.ts'

/** A real server in this process, on a port and a file of its own. Ends with the test. */
export interface Stage {
  readonly server: CountersignServer
  readonly origin: string
  readonly port: number
  /** What the tools did. */
  readonly effects: Effects
  /** Every line of the log, as text. */
  readonly lines: readonly string[]
  /** Resolves when the log has, or gets, a line that holds this. */
  readonly logged: (text: string) => Promise<void>
  /** The cookie of a browser that nobody knew. */
  readonly newCookie: () => Promise<string>
  readonly isHealthy: () => Promise<boolean>
}

export interface StageOptions {
  /** Of `general.front_end.limits`. */
  readonly limits?: Readonly<Record<string, number>>
  /** Entries of `authentication`, and of `functions` beside the obedient one. */
  readonly authentication?: object
  readonly functions?: object
}

/** Serves the obedient parts with these limits. */
export async function hostileStage({ limits = {}, authentication = {}, functions = {} }: StageOptions = {}): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign hostile '))
  const file = join(folder, 'workflow.yml')
  const workflow = {
    general: { front_end: { host: 'localhost', port: 0, limits } },
    store: { url: `sqlite:${join(folder, 'countersign.db')}` },
    functions: { pick: { _type: 'pick' }, ...functions },
    llms: { demo: { _type: 'obedient' } },
    authentication,
    workflow: { _type: 'tool_calling_agent', tool_names: ['pick', ...Object.keys(functions)], llm_name: 'demo' },
  }
  writeFileSync(file, JSON.stringify(workflow))
  const effects: Effects = []
  const { lines, log, logged } = watchedLog()
  const { config } = await loadConfig({ file, schema: serverSchema([obedientParts(effects)]), environment: {} })
  const server = await serve(config, { log })
  onTestFinished(async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const { publicOrigin: origin, port } = server
  return {
    server,
    origin,
    port,
    effects,
    lines,
    logged,
    async newCookie() {
      const browser = new PlainBrowser()
      await browser.visit(`${origin}/api/me`)
      return browser.cookiesOf(origin)
    },
    isHealthy: async () => (await fetch(`${origin}/health`)).ok,
  }
}

/** A log that can be waited for. */
function watchedLog(): Pick<Stage, 'lines' | 'logged'> & { readonly log: Log } {
  const lines: string[] = []
  const watchers = new Set<() => void>()
  const write = (message: string, facts: LogFacts = {}): void => {
    lines.push(`${message} ${JSON.stringify(facts)}`)
    for (const watcher of watchers) watcher()
  }
  const logged = (text: string): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (lines.some((line) => line.includes(text))) resolve()
      }
      watchers.add(look)
      look()
    })
  return { lines, logged, log: { debug: write, info: write, warn: write, error: write } }
}
