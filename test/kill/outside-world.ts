import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Points } from './points.ts'

/** The world outside: what was done to it stays done, whoever dies. One line a deed, on the disk before anything else happens. */
export class OutsideWorld {
  readonly #file: string
  readonly #points: Points

  constructor(folder: string, points: Points) {
    this.#file = join(folder, 'deeds')
    this.#points = points
  }

  /** Something takes effect: a point before it, and one after it. */
  do(name: string, line: string): void {
    this.#points.pass(`before ${name}`)
    this.note(line)
    this.#points.pass(`after ${name}`)
  }

  /** As `do`, at an API that knows a repeated request by its key. */
  doOnce(name: string, line: string): void {
    this.#points.pass(`before ${name}`)
    if (!this.knows(line)) this.note(line)
    this.#points.pass(`after ${name}`)
  }

  /** Whether that was done, in this life or the one before. */
  knows(line: string): boolean {
    return deedsIn(this.#file).includes(line)
  }

  note(line: string): void {
    const file = openSync(this.#file, 'a')
    writeSync(file, `${line}\n`)
    fsyncSync(file)
    closeSync(file)
  }
}

/** The deeds of both lives. */
export function readDeeds(folder: string): readonly string[] {
  return deedsIn(join(folder, 'deeds'))
}

function deedsIn(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []
}
