import type { BrowserRuntime } from '../client/browser-runtime.ts'

/** One text that its element offers to copy, and how that went: browsers may keep the clipboard from a page. */
export class ClipboardCopy {
  state: 'idle' | 'copied' | 'refused' = 'idle'
  readonly #runtime: BrowserRuntime
  readonly #onChange: () => void

  constructor(runtime: BrowserRuntime, onChange: () => void) {
    this.#runtime = runtime
    this.#onChange = onChange
  }

  async copy(text: string): Promise<void> {
    try {
      await this.#runtime.copyText(text)
      this.state = 'copied'
    } catch {
      // Whatever kept it from us, the text can still be selected.
      this.state = 'refused'
    }
    this.#onChange()
  }
}
