import type { Writable } from 'node:stream'
import { styleText } from 'node:util'
import { safeJson, safeText } from './safe-text.ts'
import { type Style, type Words, wrapWords } from './wrap-words.ts'

/** A stream to which a terminal may be attached. */
export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number }

/** Where words go, and what that can show. */
export interface ScreenOutputs {
  /** Answers. */
  readonly out: Output
  /** All that is said around them. */
  readonly err: Output
  /** Whether `err` can draw a line over and over. */
  readonly isLive: boolean
}

type Piece = string | Words

/** What a person sees: answers on standard output, everything else on standard error. Whatever is written is made safe here, style comes after. */
export class Screen {
  readonly #outputs: ScreenOutputs
  #isMidAnswer = false
  /** The last, half character of the answer. */
  #cut = ''
  #live = ''
  #held: (() => void)[] | undefined

  constructor(outputs: ScreenOutputs) {
    this.#outputs = outputs
  }

  get isLive(): boolean {
    return this.#outputs.isLive
  }

  /** Says something on lines of its own, broken between words; all but the first begin under the mark. */
  say(mark: Piece, ...pieces: readonly Piece[]): void {
    this.#soon(() => {
      this.#endAnswer()
      const { err } = this.#outputs
      const width = err.isTTY === true ? Math.max(20, (err.columns || 80) - 3) : Infinity
      const lines = wrapWords(pieces.map(safeWords), width)
      const text = lines.map((line, at) => `${at === 0 ? this.#styled(safeWords(mark)) : ' '} ${this.#line(line)}`.trimEnd())
      this.#over(`${text.join('\n')}\n`)
    })
  }

  /** Adds to the answer. A part may end within a character or a line break: that waits for the next. */
  answer(text: string): void {
    const [, whole = '', cut = ''] = /^(.*?)([\uD800-\uDBFF\r]?)$/s.exec(this.#cut + text) ?? []
    this.#cut = cut
    const safe = safeText(whole)
    if (safe === '') return
    this.#soon(() => {
      this.#live = ''
      this.#over('')
      this.#outputs.out.write(safe)
      this.#isMidAnswer = !safe.endsWith('\n')
    })
  }

  /** Ends the answer's last line. */
  endAnswer(): void {
    this.#soon(() => this.#endAnswer())
  }

  /** One value on a line of standard output, as JSON. */
  json(value: unknown): void {
    this.#outputs.out.write(`${safeJson(value)}\n`)
  }

  /** Draws the one line that changes; nothing: takes it away. Cut at the terminal's edge. */
  live(text: string): void {
    if (!this.#outputs.isLive || this.#held || (text === '' && this.#live === '')) return
    if (text !== '') this.#endAnswer()
    this.#live = safeText(text).replaceAll('\n', ' ')
    this.#over('')
  }

  /** Keeps back what is said while somebody else draws: a prompt. @returns a function that lets it out */
  hold(): () => void {
    this.#live = ''
    this.#over('')
    this.#endAnswer()
    this.#held = []
    return () => {
      const held = this.#held ?? []
      this.#held = undefined
      for (const write of held) write()
    }
  }

  #soon(write: () => void): void {
    if (this.#held) this.#held.push(write)
    else write()
  }

  #endAnswer(): void {
    if (this.#isMidAnswer) this.#outputs.out.write('\n')
    this.#isMidAnswer = false
    this.#cut = ''
  }

  /** Writes over the changing line and draws it anew below. */
  #over(text: string): void {
    const { err, isLive } = this.#outputs
    if (!isLive) return void (text !== '' && err.write(text))
    // The terminal itself cuts: what it takes for wide, only it knows.
    const live = this.#live === '' ? '' : `\u001B[?7l${this.#styled({ text: this.#live, style: 'dim' })}\u001B[?7h`
    err.write(`\r\u001B[2K${text}${live}`)
  }

  #line(line: readonly Words[]): string {
    return line.map((words) => this.#styled(words)).join('')
  }

  #styled({ text, style }: Words): string {
    return style === undefined ? text : styleText(style, text, { stream: this.#outputs.err })
  }
}

/** A piece with what is not safe taken out. */
function safeWords(piece: Piece): Words {
  return typeof piece === 'string' ? { text: safeText(piece) } : { ...piece, text: safeText(piece.text) }
}

/** Words in a style, to be said. */
export function styled(style: Style, text: string): Words {
  return { text, style }
}
