import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Staff0 } from './start-staff0.ts'
import { workflowFile } from './workflow-file.ts'

/** `countersign a2a`, as a process of its own. */
export interface AgentProcess {
  /** Where it is found, and below it its card. */
  readonly url: string
  /** Ends it between two instructions, as a crash would. */
  kill(): Promise<void>
  stop(): Promise<void>
}

/** Where the agent listens, and what else of its workflow file is another. */
export interface AgentOptions {
  readonly port: number
  readonly overrides?: Staff0['overrides']
}

const command = fileURLToPath(new URL('../../../packages/server/bin/countersign.js', import.meta.url))

/** Starts it and waits until it takes requests. What it logs from `warn` on goes to our standard error. */
export async function startAgent(staff0: Staff0, { port, overrides = [] }: AgentOptions): Promise<AgentProcess> {
  const words = ['a2a', '--config_file', workflowFile, '--port', String(port), '--log_level', 'warn', '--override']
  const values = [...staff0.overrides, ...overrides].flatMap(({ path, value }) => [path, value])
  const child = spawn(process.execPath, [command, ...words, ...values], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...staff0.environment },
    // The terminal's Ctrl-C is ours: whoever is stopped by us is not told twice.
    detached: true,
  })
  const ended = once(child, 'exit').then(() => false)
  const isThere = await Promise.race([once(child.stdout, 'data').then(() => true), ended])
  if (!isThere) throw new Error('the agent did not start; see above')
  return { url: `http://127.0.0.1:${port}`, kill: () => end(child, 'SIGKILL'), stop: () => end(child, 'SIGTERM') }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
}
