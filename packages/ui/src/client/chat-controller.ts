import type { InteractionResponse, Me, RunEvent, ServerFrame } from '@countersign/core/protocol'
import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { AccountController, AccountHost } from './account-controller.ts'
import { mustSignIn } from './account-state.ts'
import { emptyChat, type ChatState } from './chat-state.ts'
import { interactionMessage, userMessage } from './client-frames.ts'
import { reduce, type ChatAction } from './reducer.ts'
import { serverAddress } from './server-address.ts'
import { type Admission, ChatSocket, type ConnectionStatus } from './socket.ts'

/** What a controller needs from the element it lives in. */
export type ChatHost = ReactiveControllerHost & AccountHost

const CONVERSATION_KEY = 'countersign.conversation'

/** One conversation kept in step with the server for an element: its state and the connection. */
export class ChatController implements ReactiveController {
  state: ChatState = emptyChat('')
  status: ConnectionStatus = { state: 'closed' }
  readonly #host: ChatHost
  readonly #account: AccountController
  #socket: ChatSocket | null = null
  #cancelFrame: (() => void) | null = null
  /** Whose conversation is shown. */
  #speaker: Me['principal'] | null = null
  /** The tab remembers the conversation: it has something in it. */
  #isRemembered = false

  constructor(host: ChatHost, account: AccountController) {
    this.#host = host
    this.#account = account
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
    const recalled = runtime.recall('tab', CONVERSATION_KEY)
    this.#isRemembered = recalled !== null
    this.#dispatch({ type: 'new-conversation', conversationId: recalled ?? runtime.uuid() })
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
    this.#dispatch({ type: 'respond', interactionId, responseId: address.id })
    this.#socket?.send(interactionMessage(address, response))
  }

  /** Asks the server to stop the running turn; what was already said stays. */
  stop(): void {
    this.#dispatch({ type: 'stop' })
    this.#socket?.send({ type: 'cancel_message', conversation_id: this.state.conversationId })
  }

  newConversation(): void {
    this.#leaveConversation()
    this.#socket?.restart()
  }

  /** Connects again, as whoever this browser is now. */
  startAnew(): void {
    this.#socket?.restart()
  }

  retryNow(): void {
    this.#socket?.retryNow()
  }

  #leaveConversation(): void {
    const { runtime } = this.#host
    this.#socket?.outbox.clear()
    runtime.forget('tab', CONVERSATION_KEY)
    this.#isRemembered = false
    this.#dispatch({ type: 'new-conversation', conversationId: runtime.uuid() })
  }

  #beginReplay(): string {
    const { url, runtime } = this.#host
    this.#dispatch({ type: 'reconnect' })
    return serverAddress(url, runtime.origin).socket(this.state.conversationId, this.state.lastSeq)
  }

  /**
   * Who we are is asked before every connection: the answer also sets the session cookie that the connection needs. What one person said is
   * not shown to another; somebody who has just signed in keeps what they said before.
   */
  async #admit(): Promise<Admission> {
    const before = this.#speaker
    const me = await this.#account.refresh()
    const { id, kind } = me.principal
    this.#speaker = me.principal
    const isSamePerson = before === null || before.id === id || (before.kind === 'anonymous' && kind === 'user')
    if (!isSamePerson) this.#leaveConversation()
    if (!isSamePerson && kind === 'anonymous') return 'signed-out'
    return mustSignIn(me) ? 'sign-in-required' : 'admitted'
  }

  #onFrame(frame: ServerFrame): void {
    const wasCaughtUp = this.state.isCaughtUp
    this.#dispatch({ type: 'frame', frame })
    if (this.state.hasGap) {
      this.#socket?.restart()
      return
    }
    if (frame.type === 'error_message') this.#settleRefused()
    if (frame.type === 'caught_up_message') this.#onCaughtUp()
    if (frame.type !== 'event_message') return
    this.#settle(frame.event)
    if (wasCaughtUp && (frame.event.type === 'run-end' || frame.event.type === 'interaction-close')) void this.#refreshAccount()
  }

  /** A remembered conversation of which the server knows nothing is gone, or was another person's. */
  #onCaughtUp(): void {
    if (this.#isRemembered && this.state.isCaughtUp && this.state.lastSeq === 0 && this.state.turns.length === 0) this.newConversation()
  }

  async #refreshAccount(): Promise<void> {
    try {
      await this.#account.refresh()
    } catch {
      // What the account shows is a convenience here; it stays until the next event or connection.
    }
  }

  #settle(event: RunEvent): void {
    if (event.type === 'run-start') this.#socket?.outbox.settle(event.messageId)
    if (event.type === 'interaction-close') this.#socket?.outbox.settle(event.interactionId)
    if (event.type === 'interaction-update') this.#socket?.outbox.settle(event.interaction.id)
  }

  /** What the server refused would be refused again: refused messages and all responses under way leave the outbox. */
  #settleRefused(): void {
    const pending = new Set(this.state.turns.filter((turn) => turn.runId === null && turn.rejection === null).map((turn) => turn.messageId))
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
    this.#rememberConversation()
    this.#requestUpdate()
  }

  #rememberConversation(): void {
    if (this.#isRemembered || this.state.turns.length === 0) return
    this.#isRemembered = true
    this.#host.runtime.remember('tab', CONVERSATION_KEY, this.state.conversationId)
  }

  /** Many frames in one animation frame cost one rendering. */
  #requestUpdate(): void {
    this.#cancelFrame ??= this.#host.runtime.nextFrame(() => {
      this.#cancelFrame = null
      this.#host.requestUpdate()
    })
  }
}
