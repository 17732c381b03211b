import type { ClientFrame, JsonValue, Me, RunEvent, ServerFrame, SessionView } from '@countersign/core/protocol'
import type { BrowserRuntime, JsonAnswer, OpenSocket, PopupWindow, SocketListener, StorageScope } from '../client/browser-runtime.ts'

/** A browser without a browser: time passes when told, the server says what a test says, windows are only remembered. */
export class VirtualBrowser implements BrowserRuntime {
  readonly origin = 'https://chat.example'
  readonly path = '/?tab=1'
  readonly sockets: VirtualSocket[] = []
  readonly popups: (VirtualPopup & { readonly url: string; readonly name: string })[] = []
  readonly copied: string[] = []
  readonly stored = new Map<string, string>()
  me: Me = { principal: { id: 'ada', kind: 'user', name: 'Ada' }, workflow: { name: 'demo', examples: [] }, connections: [] }
  sessions: readonly SessionView[] = []
  /** What was asked to be changed, in order. */
  readonly posts: { readonly path: string; readonly body: JsonValue }[] = []
  /** What the server answers to such a request; null: no answer comes. */
  answer: JsonAnswer | null = { status: 200, body: {} }
  /** Requests for what is known fail while this is set. */
  isRefusing = false
  /** The browser refuses to open windows while this is set. */
  isBlockingPopups = false
  count = 0
  fetches = 0
  #now = Date.UTC(2030, 0, 1, 12)
  #isOnline = true
  #uuids = 0
  #timers: readonly { readonly at: number; readonly callback: () => void }[] = []
  #onlineListeners: readonly ((isOnline: boolean) => void)[] = []

  get socket(): VirtualSocket {
    const socket = this.sockets.at(-1)
    if (socket === undefined) throw new Error('no socket was opened yet')
    return socket
  }

  /** Lets time pass; timers fire in order, each at its own time. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (let due = this.#nextTimer(end); due !== undefined; due = this.#nextTimer(end)) {
      this.#now = due.at
      this.#timers = this.#timers.filter((timer) => timer !== due)
      due.callback()
    }
    this.#now = end
  }

  setOnline(isOnline: boolean): void {
    this.#isOnline = isOnline
    for (const listener of this.#onlineListeners) listener(isOnline)
  }

  now = (): number => this.#now
  random = (): number => 0.5
  uuid = (): string => `00000000-0000-4000-8000-${String((this.#uuids += 1)).padStart(12, '0')}`
  isOnline = (): boolean => this.#isOnline

  setTimer(callback: () => void, delayMs: number): () => void {
    const timer = { at: this.#now + delayMs, callback }
    this.#timers = [...this.#timers, timer]
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  nextFrame(callback: () => void): () => void {
    let isCancelled = false
    queueMicrotask(() => isCancelled || callback())
    return () => {
      isCancelled = true
    }
  }

  onOnlineChange(callback: (isOnline: boolean) => void): () => void {
    this.#onlineListeners = [...this.#onlineListeners, callback]
    return () => {
      this.#onlineListeners = this.#onlineListeners.filter((other) => other !== callback)
    }
  }

  openSocket(url: string, subprotocol: string, listener: SocketListener): OpenSocket {
    const socket = new VirtualSocket(url, subprotocol, listener)
    this.sockets.push(socket)
    return socket
  }

  async fetchJson(url: string): Promise<unknown> {
    this.fetches += 1
    if (this.isRefusing) throw new Error('refused')
    return new URL(url).pathname.endsWith('/api/sessions') ? { sessions: this.sessions } : this.me
  }

  async postJson(url: string, body: JsonValue): Promise<JsonAnswer> {
    this.posts.push({ path: new URL(url).pathname, body })
    if (this.answer === null) throw new Error('no answer')
    return this.answer
  }

  recall = (scope: StorageScope, key: string): string | null => this.stored.get(`${scope} ${key}`) ?? null
  remember = (scope: StorageScope, key: string, value: string): void => void this.stored.set(`${scope} ${key}`, value)
  forget = (scope: StorageScope, key: string): void => void this.stored.delete(`${scope} ${key}`)

  openPopup(url: string, name: string): PopupWindow | null {
    if (this.isBlockingPopups) return null
    const popup = Object.assign(new VirtualPopup(), { url, name })
    this.popups.push(popup)
    return popup
  }

  async copyText(text: string): Promise<void> {
    this.copied.push(text)
  }

  showCount(count: number): void {
    this.count = count
  }

  #nextTimer(end: number): { readonly at: number; readonly callback: () => void } | undefined {
    return this.#timers.filter(({ at }) => at <= end).toSorted((one, other) => one.at - other.at)[0]
  }
}

/** A window that was asked for. */
export class VirtualPopup implements PopupWindow {
  closed = false
  focus(): void {}
  close(): void {
    this.closed = true
  }
}

/** The far end of a socket, in a test's hands. */
export class VirtualSocket implements OpenSocket {
  readonly sent: ClientFrame[] = []
  isClosed = false
  readonly url: string
  readonly subprotocol: string
  readonly #listener: SocketListener

  constructor(url: string, subprotocol: string, listener: SocketListener) {
    this.url = url
    this.subprotocol = subprotocol
    this.#listener = listener
  }

  get conversationId(): string {
    return new URL(this.url).searchParams.get('conversation_id') ?? ''
  }

  get lastSeq(): number {
    return Number(new URL(this.url).searchParams.get('last_seq'))
  }

  send(text: string): void {
    // The boundary: what arrives here was made by our own client.
    this.sent.push(JSON.parse(text) as ClientFrame)
  }

  close(): void {
    this.isClosed = true
  }

  accept(): void {
    this.#listener.onOpen()
  }

  lose(code = 1006): void {
    this.#listener.onClose(code)
  }

  say(frame: ServerFrame): void {
    this.hear(JSON.stringify(frame))
  }

  /** Refuses a frame; one named by its id, or none. */
  complain(details: string, parentId = 'default'): void {
    const ids = { id: 'complaint', thread_id: 'default', parent_id: parentId, conversation_id: this.conversationId, timestamp: '' }
    const content = { code: 'invalid_message', message: 'InvalidMessage', details } as const
    this.say({ type: 'error_message', ...ids, status: 'in_progress', content })
  }

  /** Lets any text arrive. */
  hear(text: string): void {
    this.#listener.onMessage(text)
  }

  /** Opens, replays the part of a log that the client asked for, and says so. */
  replay(log: readonly RunEvent[], at = Date.UTC(2030, 0, 1, 12)): void {
    this.accept()
    this.log(log, { after: 0, at })
    this.say({ type: 'caught_up_message', conversation_id: this.conversationId, seq: log.length })
  }

  /** Sends the events of a log, numbered from `after` on; those the client already has are left out. */
  log(events: readonly RunEvent[], { after, at = Date.UTC(2030, 0, 1, 12) }: { readonly after: number; readonly at?: number }): void {
    const conversationId = this.conversationId
    for (const [index, event] of events.entries()) {
      const seq = after + index + 1
      if (seq > this.lastSeq) this.say({ type: 'event_message', conversation_id: conversationId, seq, at: at + index * 400, event })
    }
  }
}
