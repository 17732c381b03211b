import { type ChildProcess, spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { onTestFinished } from 'vitest'

const command = fileURLToPath(new URL('../../packages/server/bin/countersign.js', import.meta.url))

/** Keys as a terminal sends them. */
export const keys = { enter: '\r', up: '\u001B[A', ctrlC: '\u0003', ctrlD: '\u0004', escape: '\u001B' } as const

/** How a command is started. */
export interface CommandOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
}

/** A command that ended, and what it said. */
export interface Said {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** The real command with pipes for everything. */
export async function piped(args: readonly string[], input: string, options: CommandOptions): Promise<Said> {
  const child = spawn(process.execPath, [command, ...args], { cwd: options.cwd, env: environment(options), stdio: 'pipe' })
  const closed = untilClosed(child)
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), closed])
  return { code, out, err }
}

/** The real command in a terminal of 100 columns. */
export class PseudoTerminal {
  readonly #child: ReturnType<typeof spawnPiped>
  /** The exit code. */
  readonly code: Promise<number | null>
  #raw = ''
  #seen = 0
  #look = (): void => undefined

  private constructor(child: ReturnType<typeof spawnPiped>) {
    this.#child = child
    this.code = untilClosed(child).finally(() => this.#look())
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      this.#raw += part
      this.#look()
    })
  }

  static start(args: readonly string[], options: CommandOptions): PseudoTerminal {
    const words = [process.execPath, command, ...args].map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`)
    return new PseudoTerminal(spawnPiped(`stty cols 100 rows 40; echo "pid $$"; exec ${words.join(' ')}`, options))
  }

  /** All that came to the terminal, orders included. */
  get raw(): string {
    return this.#raw
  }

  /** What a person would have read so far. */
  get text(): string {
    return stripVTControlCharacters(this.#raw).replaceAll('\r', '')
  }

  /** Resolves when the text goes on with what is looked for, after all that was seen before. */
  async sees(pattern: string | RegExp): Promise<RegExpExecArray> {
    const expression = typeof pattern === 'string' ? new RegExp(escaped(pattern)) : pattern
    for (;;) {
      const found = expression.exec(this.text.slice(this.#seen))
      if (found) {
        this.#seen += found.index + found[0].length
        return found
      }
      if (this.#child.exitCode !== null) throw new Error(`ended without ${String(pattern)}; it said:\n${this.text}`)
      await new Promise<void>((resolve) => {
        this.#look = resolve
      })
    }
  }

  type(typed: string): void {
    this.#child.stdin.write(typed)
  }

  /** Ends the command between two instructions, as a crash would. */
  kill(): void {
    process.kill(Number(/pid (\d+)/.exec(this.#raw)?.[1]), 'SIGKILL')
  }
}

function spawnPiped(line: string, options: CommandOptions) {
  const child = spawn('script', ['-qefc', line, '/dev/null'], { cwd: options.cwd, env: environment(options), stdio: 'pipe' })
  child.stdin.on('error', () => undefined)
  return child
}

function untilClosed(child: ChildProcess): Promise<number | null> {
  onTestFinished(() => void child.kill('SIGKILL'))
  return new Promise((resolve) => child.once('close', resolve))
}

function environment({ env }: CommandOptions): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], SHELL: '/bin/sh', TERM: 'xterm-256color', ...env }
}

function escaped(words: string): string {
  return words.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}
