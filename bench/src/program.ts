import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { JsonObject, JsonValue } from '@countersign/core'

/** How long a program may take to start or to answer, milliseconds. */
const DEADLINE_MS = 20_000

/** A program of ours in a process of its own, so that it has a processor for itself and its time can be told. */
export interface Program {
  /** Where it listens. */
  readonly address: string
  ask(question: string): Promise<JsonValue>
  /** Processor time so far in milliseconds, and memory in bytes. */
  usage(): Promise<{ readonly processorMs: number; readonly rss: number }>
  memory(): Promise<Memory>
}

/** What a process holds after a collection, bytes. */
export interface Memory {
  /** The whole of it, with what its heap has grown to and does not need now: wanders by some megabytes. */
  readonly rss: number
  /** The objects of its heap, and buffers that hang on them: the same in every run. */
  readonly heap: number
}

/** Which program, and what it is told. */
export interface ProgramStart {
  /** `programs/<name>` or `floors/<name>`. */
  readonly path: string
  readonly argument?: JsonObject
}

/** Starts programs, lets `work` use them, and ends them, whatever happens. */
export async function withPrograms<T>(starts: readonly ProgramStart[], work: (programs: readonly Program[]) => Promise<T>): Promise<T> {
  const children: ChildProcess[] = []
  try {
    const programs: Program[] = []
    for (const { path, argument = {} } of starts) {
      const file = fileURLToPath(new URL(`./${path}.js`, import.meta.url))
      const child = fork(file, [JSON.stringify(argument)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
      children.push(child)
      programs.push(await programOf(child, path))
    }
    return await work(programs)
  } finally {
    await Promise.all(children.map(end))
  }
}

async function programOf(child: ChildProcess, path: string): Promise<Program> {
  const { address } = (await nextMessage(child, path)) as { address: string } // `tellParent` says so
  const ask = async (question: string): Promise<JsonValue> => {
    child.send(question)
    return ((await nextMessage(child, path)) as { answer: JsonValue }).answer
  }
  // `tellParent` answers so.
  const usage = async () => (await ask('usage')) as { processorMs: number; rss: number }
  const memory = async () => (await ask('memory')) as object as Memory
  return { address, ask, usage, memory }
}

async function nextMessage(child: ChildProcess, path: string): Promise<unknown> {
  const over = new AbortController()
  const signal = AbortSignal.any([AbortSignal.timeout(DEADLINE_MS), over.signal])
  const ended = once(child, 'exit', { signal }).then(() => {
    throw new Error(`"${path}" ended before it answered`)
  })
  try {
    const [message] = (await Promise.race([once(child, 'message', { signal }), ended])) as [unknown]
    return message
  } finally {
    ended.catch(() => undefined)
    over.abort()
  }
}

/** A program ends when its parent lets go of it, so that a profile of it is written; one that does not is killed. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  const deadline = setTimeout(() => child.kill('SIGKILL'), 2_000)
  if (child.connected) child.disconnect()
  await exit
  clearTimeout(deadline)
}
