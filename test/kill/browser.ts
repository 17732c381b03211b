import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface Memory {
  /** The cookies of the sign-ins it opened, by question. */
  readonly flows: Readonly<Record<string, string>>
  /** A callback it was sent to and has no answer from. */
  readonly callback: string | null
}

/** What a person's browser keeps while the server dies. A response that never came left nothing in it. */
export class Browser {
  readonly #file: string

  constructor(folder: string) {
    this.#file = join(folder, 'browser.json')
  }

  get flows(): Memory['flows'] {
    return this.#read().flows
  }

  get callback(): URL | undefined {
    const { callback } = this.#read()
    return callback === null ? undefined : new URL(callback)
  }

  keepFlow(question: string, flow: string): void {
    const memory = this.#read()
    this.#write({ ...memory, flows: { ...memory.flows, [question]: flow } })
  }

  goTo(callback: URL | undefined): void {
    this.#write({ ...this.#read(), callback: callback?.href ?? null })
  }

  #read(): Memory {
    // Written by this class alone.
    return existsSync(this.#file) ? (JSON.parse(readFileSync(this.#file, 'utf8')) as Memory) : { flows: {}, callback: null }
  }

  #write(memory: Memory): void {
    writeFileSync(this.#file, JSON.stringify(memory))
  }
}
