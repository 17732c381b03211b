import { emitKeypressEvents, type Key } from 'node:readline'
import type { ReadStream } from 'node:tty'

/** The keys of a terminal, one at a time and without echo, while somebody listens. Ctrl-C is a key then, too: `ctrl-c`. */
export class Keyboard {
  readonly input: ReadStream

  constructor(input: ReadStream) {
    this.input = input
    emitKeypressEvents(input)
  }

  /** @returns a function that stops listening, after which the terminal is as it was */
  listen(onKey: (key: string) => void): () => void {
    const press = (_text: string | undefined, key: Key): void => onKey(nameOf(key))
    this.input.on('keypress', press)
    this.input.setRawMode(true)
    this.input.resume()
    return () => {
      this.input.off('keypress', press)
      this.input.setRawMode(false)
      this.input.pause()
    }
  }

  /** Hears keys that somebody else reads. @returns a function that stops it */
  overhear(onKey: (key: string) => void): () => void {
    const press = (_text: string | undefined, key: Key): void => onKey(nameOf(key))
    this.input.prependListener('keypress', press)
    return () => this.input.off('keypress', press)
  }
}

function nameOf({ name = '', ctrl }: Key): string {
  return ctrl === true ? `ctrl-${name}` : name
}
