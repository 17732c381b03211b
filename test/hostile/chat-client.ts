import { once } from 'node:events'
import type { LoggedEvent } from '@countersign/core'
import type { ErrorMessage, EventMessage, ServerFrame } from '@countersign/core/protocol'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type { Stage } from './hostile-stage.ts'

export type ChatFrame = ServerFrame | { readonly type: 'auth_response_message' | 'draining_message' }

/** A client that speaks our own subprotocol, and can be told to send anything. Ends with the test. */
export class ChatClient {
  readonly frames: ChatFrame[] = []
  readonly socket: WebSocket
  readonly conversationId: string
  /** Resolves with the code by which the socket was closed. */
  readonly closed: Promise<number>
  #watchers: (() => void)[] = []

  constructor(socket: WebSocket, conversationId: string) {
    this.socket = socket
    this.conversationId = conversationId
    socket.on('message', (data: Buffer) => {
      // The boundary: what our server sent; the tests assert its shape.
      this.frames.push(JSON.parse(data.toString()) as ChatFrame)
      for (const watcher of this.#watchers) watcher()
    })
    socket.on('error', () => undefined)
    this.closed = new Promise((resolve) => socket.once('close', resolve))
    onTestFinished(() => socket.terminate())
  }

  send(frame: unknown): void {
    const isBytes = typeof frame === 'string' || Buffer.isBuffer(frame)
    this.socket.send(isBytes ? frame : JSON.stringify(frame))
  }

  say(text: string, id: string, conversationId = this.conversationId): void {
    this.send(userMessage(text, id, conversationId))
  }

  answer(interactionId: string, answer: unknown, conversationId = this.conversationId): void {
    const frame = { type: 'user_interaction_message', id: `answer-to-${interactionId}`.slice(0, 200), conversation_id: conversationId }
    this.send({ ...frame, interaction_id: interactionId, answer })
  }

  /** The first frame from there on that is so, whether it came already or not. */
  until<F extends ChatFrame>(isIt: (frame: ChatFrame) => frame is F, from = 0): Promise<F> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.frames.slice(from).find(isIt)
        if (found) resolve(found)
      }
      this.#watchers.push(look)
      look()
    })
  }

  /** Sends something and waits for the error that it gets. */
  refusalOf(frame: unknown): Promise<ErrorMessage> {
    const from = this.frames.length
    this.send(frame)
    return this.until(isError, from)
  }

  /** Says something and waits for the end of its run: the server still works for this person. */
  async turn(text: string, id: string): Promise<string> {
    const from = this.frames.length
    this.say(text, id)
    const start = await this.until(
      isEvent('run-start', (event) => 'messageId' in event && event.messageId === id),
      from,
    )
    const runId = 'runId' in start.event ? start.event.runId : ''
    const reply = await this.until(
      isEvent('reply-end', (event) => 'runId' in event && event.runId === runId),
      from,
    )
    await this.until(
      isEvent('run-end', (event) => 'runId' in event && event.runId === runId),
      from,
    )
    return reply.event.type === 'reply-end' ? reply.event.text : ''
  }

  /** What the log of the conversation told, as far as it came. */
  get events(): readonly LoggedEvent[] {
    return this.frames.flatMap((frame) => (frame.type === 'event_message' ? [frame] : []))
  }
}

/** What opens a client's socket. */
export interface ChatOpening {
  readonly cookie: string
  readonly conversationId: string
  readonly lastSeq?: number
}

/** Opens a socket as our own chat does. @throws what the server refused it with */
export async function openChat({ origin }: Pick<Stage, 'origin'>, { cookie, conversationId, lastSeq }: ChatOpening): Promise<ChatClient> {
  const client = new ChatClient(chatSocket(origin, { cookie, conversationId, ...(lastSeq !== undefined && { lastSeq }) }), conversationId)
  await once(client.socket, 'open')
  return client
}

export function chatSocket(origin: string, { cookie, conversationId, lastSeq }: ChatOpening): WebSocket {
  const query = new URLSearchParams({ conversation_id: conversationId, ...(lastSeq !== undefined && { last_seq: String(lastSeq) }) })
  return new WebSocket(`${origin.replace('http', 'ws')}/websocket?${query}`, ['countersign.v1'], { origin, headers: { cookie } })
}

export function userMessage(text: string, id: string, conversationId: string): object {
  const content = { messages: [{ role: 'user', content: [{ type: 'text', text }] }] }
  return { type: 'user_message', schema_type: 'chat_stream', id, conversation_id: conversationId, content }
}

export function isError(frame: ChatFrame): frame is ErrorMessage {
  return frame.type === 'error_message'
}

export function isCaughtUp(frame: ChatFrame): frame is Extract<ServerFrame, { type: 'caught_up_message' }> {
  return frame.type === 'caught_up_message'
}

/** Whether a frame tells an event of that type, that passes. */
export function isEvent(
  type: LoggedEvent['event']['type'],
  passes: (event: LoggedEvent['event']) => boolean = () => true,
): (frame: ChatFrame) => frame is EventMessage {
  return (frame): frame is EventMessage => frame.type === 'event_message' && frame.event.type === type && passes(frame.event)
}
