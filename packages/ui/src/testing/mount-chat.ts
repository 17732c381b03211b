import type { RunEvent } from '@countersign/core/protocol'
import { defineElements } from '../define-elements.ts'
import { CountersignChat } from '../elements/countersign-chat.ts'
import { deepAll } from './deep-query.ts'
import { VirtualBrowser } from './virtual-browser.ts'

/** A chat on the page, in a browser whose outside world is virtual, after a log was replayed to it. */
export class MountedChat {
  readonly browser: VirtualBrowser
  readonly element: CountersignChat
  #seq = 0

  constructor(browser: VirtualBrowser) {
    defineElements()
    this.browser = browser
    this.element = new CountersignChat()
    this.element.runtime = browser
    document.body.replaceChildren(document.createElement('main'))
    document.querySelector('main')?.append(this.element)
  }

  /** Connects and replays a log. */
  async replay(log: readonly RunEvent[]): Promise<this> {
    await this.settle()
    this.browser.socket.replay(log)
    this.#seq = log.length
    return this.settle()
  }

  /** Lets events arrive that the page watches. */
  async happen(...events: readonly RunEvent[]): Promise<this> {
    this.browser.socket.log(events, { after: this.#seq })
    this.#seq += events.length
    return this.settle()
  }

  /** Clicks the first button whose words begin so; as with a real click, it has the focus. */
  async click(words: string): Promise<this> {
    const button = deepAll(this.element, 'button').find(({ textContent }) => textContent.trim().startsWith(words))
    if (button === undefined) throw new Error(`no button "${words}"; there are: ${this.buttons.join(', ')}`)
    button.focus()
    button.click()
    return this.settle()
  }

  /** Lets time pass. */
  async wait(ms: number): Promise<this> {
    this.browser.advance(ms)
    return this.settle()
  }

  get buttons(): readonly string[] {
    return deepAll(this.element, 'button').map(({ textContent }) => textContent.replace(/\s+/g, ' ').trim())
  }

  /** All words the card, the step or the chat shows, in order. */
  words(tag: string): string {
    return deepAll(this.element, tag)
      .map((element) => deepText(element).replace(/\s+/g, ' ').trim())
      .join(' | ')
  }

  /** Lit draws in promises; once many have passed, nothing is left to draw. */
  async settle(): Promise<this> {
    for (let round = 0; round < 60; round += 1) await Promise.resolve()
    return this
  }
}

/** A chat after a log was replayed to it. */
export async function mountChat(log: readonly RunEvent[] = [], browser = new VirtualBrowser()): Promise<MountedChat> {
  return new MountedChat(browser).replay(log)
}

function deepText(node: Node): string {
  if (node instanceof Text) return node.data
  const root = node instanceof Element && node.shadowRoot !== null ? node.shadowRoot : node
  return Array.from(root.childNodes, deepText).join(' ')
}
