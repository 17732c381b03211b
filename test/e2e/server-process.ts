import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { Evidence } from './evidence.ts'

/** `countersign serve` as a process of its own. */
export interface ServerProcess {
  /** Ends it between two instructions, as a crash would. */
  kill(): Promise<void>
  signal(name: 'SIGTERM' | 'SIGINT'): void
  /** What it has written to its log. */
  readonly lines: readonly string[]
  /** Resolves when it has ended. */
  readonly exit: Promise<{ readonly code: number | null }>
}

const command = fileURLToPath(new URL('../../packages/server/bin/countersign.js', import.meta.url))

/** Starts the built command and waits until it says where it is. What it writes is evidence. */
export async function startServerProcess(workflowFile: string, evidence: Evidence): Promise<ServerProcess> {
  const child = spawn(process.execPath, [command, 'serve', '--config_file', workflowFile, '--log_level', 'debug'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exit = once(child, 'close').then(([code]) => ({ code: typeof code === 'number' ? code : null }))
  const kill = (): Promise<void> => end(child)
  onTestFinished(kill)
  const lines: string[] = []
  createInterface(child.stderr).on('line', (line) => {
    lines.push(line)
    evidence.note('log of the process', line)
  })
  const output = createInterface(child.stdout)
  output.on('line', (line) => evidence.note('output of the process', line))
  const said = once(output, 'line')
  const first: unknown = await Promise.race([said, once(child, 'exit').then(() => undefined)])
  if (first === undefined) throw new Error(`the server did not start: ${lines.join('\n')}`)
  return { kill, signal: (name) => void child.kill(name), lines, exit }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
