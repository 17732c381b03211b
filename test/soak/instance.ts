import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'

/** One process of the server, started again whenever it has been killed. */
export class Instance {
  readonly #command: readonly [program: string, workflow: string]
  readonly #complain: (line: string) => void
  #child: ChildProcess | undefined
  #port: number | undefined

  /** @param complain told of every line that the process logs as an error */
  constructor(command: readonly [program: string, workflow: string], complain: (line: string) => void) {
    this.#command = command
    this.#complain = complain
  }

  /** Where it listens, while it lives. */
  get port(): number | undefined {
    return this.#port
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Resolves when it takes requests. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [...this.#command], { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child = child
    const complaints: string[] = []
    createInterface(child.stderr).on('line', (line) => {
      complaints.push(line)
      this.#complain(sentenceOf(line))
    })
    const said = once(createInterface(child.stdout), 'line')
    const first: unknown = await Promise.race([said, once(child, 'close').then(() => undefined)])
    if (!Array.isArray(first)) throw new Error(`an instance did not start: ${complaints.join('\n')}`)
    this.#port = Number(first[0])
  }

  /** Stops it between two instructions, for longer than it may be silent: what it held is somebody else's when it goes on. */
  async stall(ms: number): Promise<void> {
    this.#child?.kill('SIGSTOP')
    await pause(ms)
    this.#child?.kill('SIGCONT')
  }

  /** Ends it between two instructions. Whoever is in the middle of something with it sees the connection break. */
  async kill(): Promise<void> {
    const child = this.#child
    this.#port = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
}

/** What a line of the log says, without when and about whom: the same complaint is one. */
function sentenceOf(line: string): string {
  try {
    const { msg, code, error, why, stack } = JSON.parse(line) as Record<string, unknown> // pino's own lines
    return [msg, code, error, why, typeof stack === 'string' ? stack.split(' < ', 1)[0] : undefined].filter(Boolean).join(', ')
  } catch {
    return line
  }
}
