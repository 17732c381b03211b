import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { connect } from './nat-person.ts'

/** How long a start may take, milliseconds. */
const DEADLINE_MS = 20_000

/** The command of the server, as built. */
export const countersign = fileURLToPath(new URL('../../packages/server/bin/countersign.js', import.meta.url))

/** A start up to the first frame that a person sees. */
export interface FirstPrompt {
  readonly elapsedMs: number
  /** Of the process at that moment, bytes. */
  readonly rss: number
}

/** Starts a process that prints its address, asks it something, and ends it once `frames` has come. */
export async function firstPrompt(
  command: readonly string[],
  { question, frames, environment = {} }: { question: string; frames: readonly string[]; environment?: Readonly<Record<string, string>> },
): Promise<FirstPrompt> {
  const startedAt = performance.now()
  const child = spawn(process.execPath, [...command], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...environment } })
  const exit = once(child, 'exit')
  try {
    const person = await connect(await addressOf(child), `first-${randomUUID()}`)
    await person.firstFrame(question, frames)
    const elapsedMs = performance.now() - startedAt
    const rss = rssOf(child.pid ?? 0)
    person.close()
    return { elapsedMs, rss }
  } finally {
    child.kill()
    await exit
  }
}

async function addressOf(child: ChildProcess): Promise<string> {
  const signal = AbortSignal.timeout(DEADLINE_MS)
  let said = ''
  while (child.stdout) {
    const [chunk] = (await once(child.stdout, 'data', { signal })) as [Buffer]
    said += chunk.toString('utf8')
    const address = /http:\/\/\S+(?=\s)/.exec(said)?.[0]
    if (address !== undefined) return address
  }
  throw new Error('the process has no output')
}

/** Resident memory of another process, bytes: from `/proc`, or from `ps` where there is none. */
function rssOf(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024
  } catch {
    return Number(spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim()) * 1024
  }
}
