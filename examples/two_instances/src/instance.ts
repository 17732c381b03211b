import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Target } from './round-robin.ts'

/** `countersign serve`, as a process of its own. */
export interface Instance extends Target {
  readonly pid: number | undefined
  /** Ends it between two instructions, as a crash would. */
  kill(): Promise<void>
  stop(): Promise<void>
}

/** What it is started with. */
export interface InstanceOptions extends Target {
  readonly file: string
  readonly databaseUrl: string
  /** Of the workflow file: path, value, path, value. */
  readonly overrides: readonly string[]
}

const command = fileURLToPath(new URL('../../../packages/server/bin/countersign.js', import.meta.url))

/** Starts one and waits until it takes requests. What it logs from `warn` on goes to our standard error. */
export async function startInstance({ name, port, file, databaseUrl, overrides }: InstanceOptions): Promise<Instance> {
  const words = ['serve', '--config_file', file, '--port', String(port), '--log_level', 'warn']
  const more = overrides.length > 0 ? ['--override', ...overrides] : []
  const child = spawn(process.execPath, [command, ...words, ...more], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, DATABASE_URL: databaseUrl },
    // The terminal's Ctrl-C is ours: whoever is stopped by us is not told twice.
    detached: true,
  })
  const ended = once(child, 'exit').then(() => false)
  const isThere = await Promise.race([once(child.stdout, 'data').then(() => true), ended])
  if (!isThere) throw new Error(`the server "${name}" did not start; see above`)
  return { name, port, pid: child.pid, kill: () => end(child, 'SIGKILL'), stop: () => end(child, 'SIGTERM') }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
}
