import type { InteractionResponse, Me, RunEvent, ServerFrame } from '@countersign/core/protocol'
import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { BrowserRuntime } from './browser-runtime.ts'
import { emptyChat, type ChatState } from './chat-state.ts'
import { interactionMessage, userMessage } from './client-frames.ts'
import { reduce, type ChatAction } from './reducer.ts'
import { serverAddress, type ServerAddress } from './server-address.ts'
import { ChatSocket, type ConnectionStatus } from './socket.ts'

/** What a controller needs from the element it lives in. */
export interface ChatHost extends ReactiveControllerHost {
  readonly runtime: BrowserRuntime
  /** The server's base address; empty: the page's origin. */
  readonly url: string
}

const CONVERSATION_KEY = 'countersign.conversation'

/** One conversation kept in step with the server for an element: state, connection and who we are. */
export class ChatController implements ReactiveController {
  state: ChatState = emptyChat('')
  status: ConnectionStatus = { state: 'closed' }
  me: Me | null = null
  readonly #host: ChatHost
  #socket: ChatSocket | null = null
  #cancelFrame: (() => void) | null = null

  constructor(host: ChatHost) {
    this.#host = host
    host.addController(this)
  }

  hostConnected(): void {
    const { runtime } = this.#host
    this.#socket = new ChatSocket(runtime, {
      address: () => this.#beginReplay(),
      admit: () => this.#admit(),
      onFrame: (frame) => this.#onFrame(frame),
      onStatus: (status) => this.#onStatus(status),
    })
    this.#enter(runtime.recall('tab', CONVERSATION_KEY) ?? runtime.uuid())
    this.#socket.start()
  }

  hostDisconnected(): void {
    this.#cancelFrame?.()
    this.#cancelFrame = null
    this.#socket?.stop()
    this.#socket = null
  }

  /** Says something new; it is shown at once and sent as soon as there is a connection. */
  say(text: string): void {
    const { runtime } = this.#host
    const messageId = runtime.uuid()
    this.#dispatch({ type: 'say', messageId, text, at: runtime.now() })
    this.#socket?.send(userMessage(this.state.conversationId, messageId, text))
  }

  /** Responds to one question; a second response while the first is on its way is not sent. */
  respond(interactionId: string, response: InteractionResponse): void {
    if (this.#socket?.outbox.subjects.includes(interactionId)) return
    const address = { conversationId: this.state.conversationId, interactionId, id: this.#host.runtime.uuid() }
    this.#dispatch({ type: 'respond', interactionId })
    this.#socket?.send(interactionMessage(address, response))
  }

  /** Asks the server to stop the running turn; what was already said stays. */
  stop(): void {
    this.#dispatch({ type: 'stop' })
    this.#socket?.send({ type: 'cancel_message', conversation_id: this.state.conversationId })
  }

  newConversation(): void {
    this.#socket?.outbox.clear()
    this.#enter(this.#host.runtime.uuid())
    this.#socket?.restart()
  }

  retryNow(): void {
    this.#socket?.retryNow()
  }

  #address(): ServerAddress {
    return serverAddress(this.#host.url, this.#host.runtime.origin)
  }

  #enter(conversationId: string): void {
    this.#host.runtime.remember('tab', CONVERSATION_KEY, conversationId)
    this.#dispatch({ type: 'new-conversation', conversationId })
  }

  #beginReplay(): string {
    this.#dispatch({ type: 'reconnect' })
    return this.#address().socket(this.state.conversationId, this.state.lastSeq)
  }

  /** Who we are is asked before every connection: the answer also sets the session cookie that the connection needs. */
  async #admit(): Promise<void> {
    // The boundary: our own server's answer, of the shape its contract promises.
    this.me = (await this.#host.runtime.fetchJson(this.#address().me)) as Me
    this.#requestUpdate()
  }

  #onFrame(frame: ServerFrame): void {
    const wasCaughtUp = this.state.isCaughtUp
    this.#dispatch({ type: 'frame', frame })
    if (this.state.hasGap) {
      this.#socket?.restart()
      return
    }
    if (frame.type === 'error_message') this.#settleRefused()
    if (frame.type !== 'event_message') return
    this.#settle(frame.event)
    if (wasCaughtUp && (frame.event.type === 'run-end' || frame.event.type === 'interaction-close')) void this.#refreshMe()
  }

  async #refreshMe(): Promise<void> {
    try {
      await this.#admit()
    } catch {
      // The badge is a convenience; what it shows stays until the next event or connection.
    }
  }

  #settle(event: RunEvent): void {
    if (event.type === 'run-start') this.#socket?.outbox.settle(event.messageId)
    if (event.type === 'interaction-close') this.#socket?.outbox.settle(event.interactionId)
    if (event.type === 'interaction-update') this.#socket?.outbox.settle(event.interaction.id)
  }

  /** What the server refused would be refused again: refused messages and all responses under way leave the outbox. */
  #settleRefused(): void {
    const pending = new Set(this.state.turns.filter((turn) => turn.runId === null && !turn.isRejected).map((turn) => turn.messageId))
    for (const subject of this.#socket?.outbox.subjects ?? []) {
      if (!pending.has(subject)) this.#socket?.outbox.settle(subject)
    }
  }

  #onStatus(status: ConnectionStatus): void {
    this.status = status
    this.#requestUpdate()
  }

  #dispatch(action: ChatAction): void {
    this.state = reduce(this.state, action)
    this.#requestUpdate()
  }

  /** Many frames in one animation frame cost one rendering. */
  #requestUpdate(): void {
    this.#cancelFrame ??= this.#host.runtime.nextFrame(() => {
      this.#cancelFrame = null
      this.#host.requestUpdate()
    })
  }
}
