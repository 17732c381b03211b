import { randomUUID } from 'node:crypto'
import { WebSocket } from 'ws'
import { AccountController } from '../../packages/ui/src/client/account-controller.ts'
import type { BrowserRuntime, OpenSocket, SocketListener } from '../../packages/ui/src/client/browser-runtime.ts'
import { ChatController, type ChatHost } from '../../packages/ui/src/client/chat-controller.ts'
import { isBusy, openQuestions, type AskedQuestion, type Turn } from '../../packages/ui/src/client/chat-state.ts'

/** Where a page is, and who sits before it. */
export interface PageAddress {
  readonly origin: string
  /** Where its socket leads: the server's own port, or that of a line between. */
  readonly port: number
  readonly cookie: string
  readonly conversationId: string
}

/** The chat of a browser tab without its picture: our own client, as it is, over a real socket. */
export class ChatPage {
  readonly #chat: ChatController
  readonly #watchers = new Set<() => void>()

  constructor(address: PageAddress) {
    const host: ChatHost = {
      runtime: pageRuntime(address),
      url: '',
      addController: () => undefined,
      removeController: () => undefined,
      requestUpdate: () => this.#look(),
      updateComplete: Promise.resolve(true),
    }
    this.#chat = new ChatController(host, new AccountController(host))
    this.#chat.hostConnected()
  }

  close(): void {
    this.#chat.hostDisconnected()
  }

  say(text: string): void {
    this.#chat.say(text)
  }

  choose({ id }: AskedQuestion, answer: string): void {
    this.#chat.respond(id, { action: 'accept', answer })
  }

  get openQuestions(): readonly AskedQuestion[] {
    return openQuestions(this.#chat.state)
  }

  get lastSeq(): number {
    return this.#chat.state.lastSeq
  }

  /** How many turns have come to their end. */
  get ended(): number {
    const { turns } = this.#chat.state
    return isBusy(this.#chat.state) ? 0 : turns.filter(({ end }) => end !== null).length
  }

  /** All that a person sees of the conversation; not what they saw happen themselves, and what is on its way. */
  get transcript(): readonly Turn[] {
    return this.#chat.state.turns.map((turn) => ({
      ...turn,
      items: turn.items.map((item) => (item.kind === 'question' ? { ...item, isLive: false, responseId: null, refusal: null } : item)),
    }))
  }

  /** Resolves when it is so. */
  until(isSo: (page: ChatPage) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!isSo(this)) return
        this.#watchers.delete(look)
        resolve()
      }
      this.#watchers.add(look)
      look()
    })
  }

  /** Its person does not wait either: a connection that is lost is tried again at once. */
  #look(): void {
    if (this.#chat.status.state === 'waiting') setImmediate(() => this.#chat.retryNow())
    for (const watcher of this.#watchers) watcher()
  }
}

/** The world outside of a tab whose socket may lead another way than its requests do. */
function pageRuntime({ origin, port, cookie, conversationId }: PageAddress): BrowserRuntime {
  const names = [conversationId]
  return {
    origin,
    path: '/',
    now: () => Date.now(),
    random: () => Math.random(),
    // What a tab that remembers nothing asks for first is the name of its conversation.
    uuid: () => names.pop() ?? randomUUID(),
    setTimer(callback, delayMs) {
      const timer = setTimeout(callback, delayMs)
      return () => clearTimeout(timer)
    },
    nextFrame(callback) {
      const frame = setImmediate(callback)
      return () => clearImmediate(frame)
    },
    isOnline: () => true,
    onOnlineChange: () => () => undefined,
    openSocket: (url, subprotocol, listener) => {
      const way = new URL(url)
      way.port = String(port)
      return openSocket(new WebSocket(way, subprotocol, { origin, headers: { cookie } }), listener)
    },
    async fetchJson(url) {
      const response = await fetch(url, { headers: { cookie } })
      return response.json()
    },
    postJson: () => Promise.reject(new Error('this page changes no account')),
    recall: () => null,
    remember: () => undefined,
    forget: () => undefined,
    openPopup: () => null,
    copyText: () => Promise.resolve(),
    showCount: () => undefined,
  }
}

function openSocket(socket: WebSocket, listener: SocketListener): OpenSocket {
  socket.on('open', () => listener.onOpen())
  socket.on('message', (data: Buffer) => listener.onMessage(data.toString()))
  socket.on('close', (code) => listener.onClose(code))
  // The close that follows is all there is to know.
  socket.on('error', () => undefined)
  return { send: (text) => socket.send(text), close: () => socket.terminate() }
}
