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
}

const command = fileURLToPath(new URL('../../packages/server/dist/cli/main.js', import.meta.url))

/** Starts the built command and waits until it says where it is. What it writes is evidence. */
export async function startServerProcess(workflowFile: string, evidence: Evidence): Promise<ServerProcess> {
  const child = spawn(process.execPath, [command, 'serve', '--config_file', workflowFile, '--log_level', 'debug'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const kill = (): Promise<void> => end(child)
  onTestFinished(kill)
  const errors: string[] = []
  createInterface(child.stderr).on('line', (line) => {
    errors.push(line)
    evidence.note('log of the process', line)
  })
  const output = createInterface(child.stdout)
  output.on('line', (line) => evidence.note('output of the process', line))
  const said = once(output, 'line')
  const first: unknown = await Promise.race([said, once(child, 'exit').then(() => undefined)])
  if (first === undefined) throw new Error(`the server did not start: ${errors.join('\n')}`)
  return { kill }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
