import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { JsonObject, JsonValue } from '@countersign/core'

/** How long a program may take to start or to answer, milliseconds. */
const DEADLINE_MS = 20_000

/** A program of this folder in a process of its own, so that it has a processor for itself and its time can be told. */
export interface Program {
  /** Where it listens. */
  readonly address: string
  ask(question: string): Promise<JsonValue>
  /** Processor time so far in milliseconds, and memory in bytes. */
  usage(): Promise<{ readonly processorMs: number; readonly rss: number }>
  stop(): Promise<void>
}

/** Starts `programs/<name>` or `floors/<name>`; it ends with this process. */
export async function startProgram(path: `${'programs' | 'floors'}/${string}`, argument: JsonObject = {}): Promise<Program> {
  const file = fileURLToPath(new URL(`./${path}.js`, import.meta.url))
  const child = fork(file, [JSON.stringify(argument)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const { address } = (await message(child, path)) as { address: string } // `tellParent` says so
  const ask = async (question: string): Promise<JsonValue> => {
    child.send(question)
    return ((await message(child, path)) as { answer: JsonValue }).answer
  }
  return {
    address,
    ask,
    usage: async () => (await ask('usage')) as { processorMs: number; rss: number },
    async stop() {
      if (child.exitCode !== null) return
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

async function message(child: ChildProcess, path: string): Promise<unknown> {
  const signal = AbortSignal.timeout(DEADLINE_MS)
  const ended = once(child, 'exit', { signal }).then(() => {
    throw new Error(`"${path}" ended before it answered`)
  })
  ended.catch(() => undefined)
  const [said] = (await Promise.race([once(child, 'message', { signal }), ended])) as [unknown]
  return said
}
