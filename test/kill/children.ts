import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** How a child process ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly lines: readonly string[]
  readonly complaint: string
}

/** Runs Node programs, and ends those that are left when nobody wants them any more. */
export class Children {
  readonly #alive = new Set<ChildProcess>()
  #isOver = false

  async run(program: string, args: readonly string[]): Promise<Exit> {
    if (this.#isOver) throw new Error('nobody wants another child')
    const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#alive.add(child)
    const [output, errors] = [text(child.stdout), text(child.stderr)]
    // `close` comes after the last of what it said.
    await once(child, 'close')
    this.#alive.delete(child)
    return { code: child.exitCode, signal: child.signalCode, lines: output().split('\n').filter(Boolean), complaint: errors() }
  }

  endAll(): void {
    this.#isOver = true
    for (const child of this.#alive) child.kill('SIGKILL')
  }
}

/** Works on all items, a few at a time; results are in the order of the items. */
export async function severalAtATime<I, R>(count: number, items: readonly I[], work: (item: I, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const queue = items.entries()
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item, index)
  }
  await Promise.all(Array.from({ length: count }, worker))
  return results
}

function text(stream: NodeJS.ReadableStream): () => string {
  let all = ''
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    all += chunk
  })
  return () => all
}
