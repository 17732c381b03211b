import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'

/** A frame as it came. */
export interface Frame {
  readonly [key: string]: unknown
  readonly type: string
  readonly status?: string
  readonly content?: { readonly [key: string]: unknown }
}

/** A client that speaks NAT's protocol and nothing of ours. */
export class NatClient {
  readonly frames: Frame[] = []
  readonly socket: WebSocket
  readonly conversationId: string
  #watchers: (() => void)[] = []

  constructor(socket: WebSocket, conversationId: string) {
    this.socket = socket
    this.conversationId = conversationId
    socket.on('message', (data: Buffer) => {
      // The boundary: what a server sent; the tests assert its shape.
      this.frames.push(JSON.parse(data.toString()) as Frame)
      for (const watcher of this.#watchers) watcher()
    })
  }

  /** Says something, as NAT's own client does. */
  say(text: string, id = 'message-1', schemaType = 'chat_stream'): void {
    const content = { messages: [{ role: 'user', content: [{ type: 'text', text }] }] }
    const timestamp = new Date().toISOString()
    const frame = { type: 'user_message', schema_type: schemaType, id, conversation_id: this.conversationId, content, timestamp }
    this.socket.send(JSON.stringify({ ...frame, thread_id: '1', parent_id: '', user: { name: '', email: '' }, security: {} }))
  }

  /** Answers in text parts. @param thread the question's `thread_id`, if it says which one it means */
  answer(parts: readonly string[], thread = 'default'): void {
    const content = { messages: [{ role: 'user', content: parts.map((text) => ({ type: 'text', text })) }] }
    const frame = { type: 'user_interaction_message', id: 'answer-1', thread_id: thread, parent_id: 'default', content }
    this.socket.send(JSON.stringify({ ...frame, conversation_id: this.conversationId, timestamp: new Date().toISOString() }))
  }

  /** The first frame from there on that is so, whether it came already or not. */
  until(isIt: (frame: Frame) => boolean, from = 0): Promise<Frame> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.frames.slice(from).find(isIt)
        if (found) resolve(found)
      }
      this.#watchers.push(look)
      look()
    })
  }

  /** Sends something and waits for the error it gets. */
  async refusalOf(data: string | Buffer): Promise<Frame> {
    const from = this.frames.length
    this.socket.send(data)
    return this.until(({ type }) => type === 'error_message', from)
  }
}

/** Opens a socket without a subprotocol, with the browser's cookie and our origin. Ends with the test. */
export function openNatClient(origin: string, cookie: string, conversationId = 'conversation-1'): Promise<NatClient> {
  return connectNatClient(`${origin}/websocket?conversation_id=${conversationId}&session=ignored`, { origin, cookie }, conversationId)
}

/** Opens such a socket at an address of its own, from wherever it says that it is. */
export async function connectNatClient(
  address: string,
  { origin, cookie = '' }: { readonly origin: string; readonly cookie?: string },
  conversationId: string,
): Promise<NatClient> {
  const socket = new WebSocket(address.replace('http', 'ws'), { origin, headers: { cookie } })
  onTestFinished(() => socket.terminate())
  const client = new NatClient(socket, conversationId)
  await once(socket, 'open')
  return client
}

export function isComplete({ type, status }: Frame): boolean {
  return type === 'system_response_message' && status === 'complete'
}

export function isQuestion({ type }: Frame): boolean {
  return type === 'system_interaction_message'
}

/** All text of the answer, as NAT's client would put it together. */
export function textOf({ frames }: NatClient): string {
  const texts = frames.flatMap(({ type, content }) => (type === 'system_response_message' ? [content?.['text']] : []))
  return texts.filter((text) => typeof text === 'string').join('')
}
