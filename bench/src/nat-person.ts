import { once } from 'node:events'
import { WebSocket } from 'ws'

/** How long an answer may take, milliseconds. */
const DEADLINE_MS = 20_000

/** What one message came to; times in milliseconds from the message on. */
export interface Exchange {
  readonly frames: number
  /** When the first frame came. */
  readonly firstMs: number
  /** When the last frame came. */
  readonly lastMs: number
}

/** A person at NAT's WebSocket messages: says something, approves what is asked, and waits for the end of the answer. */
export class NatPerson {
  readonly #socket: WebSocket
  readonly #conversationId: string
  #count = 0
  #hear: (frame: NatAnswer) => void = () => undefined

  constructor(socket: WebSocket, conversationId: string) {
    this.#socket = socket
    this.#conversationId = conversationId
    // From a server under measurement; its own tests check the form.
    socket.on('message', (data: Buffer) => this.#hear(JSON.parse(data.toString('utf8')) as NatAnswer))
  }

  /** Says `text`, approves each question, and resolves with the last frame of the answer. */
  say(text: string): Promise<Exchange> {
    const startedAt = performance.now()
    let frames = 0
    let firstMs = 0
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => reject(new Error(`no end of an answer within ${DEADLINE_MS} ms`)), DEADLINE_MS)
      this.#hear = (frame) => {
        frames += 1
        if (frames === 1) firstMs = performance.now() - startedAt
        if (frame.type === 'system_interaction_message') return this.#approve(frame)
        if (frame.type === 'error_message') reject(new Error(`the server refused: ${JSON.stringify(frame)}`))
        else if (frame.status === 'complete') resolve({ frames, firstMs, lastMs: performance.now() - startedAt })
        else return
        clearTimeout(deadline)
      }
      this.#send({ type: 'user_message', schema_type: 'chat_stream', content: contentOf(text) })
    })
  }

  /** Says `text` and resolves with the type of the first frame that is of one of `types`. */
  firstFrame(text: string, types: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => reject(new Error(`no answer within ${DEADLINE_MS} ms`)), DEADLINE_MS)
      this.#hear = (frame) => {
        if (types.includes(frame.type)) resolve(frame.type)
        else if (frame.type === 'error_message') reject(new Error(`the server refused: ${JSON.stringify(frame)}`))
        else return
        clearTimeout(deadline)
      }
      this.#send({ type: 'user_message', schema_type: 'chat_stream', content: contentOf(text) })
    })
  }

  close(): void {
    this.#socket.terminate()
  }

  #approve({ id, thread_id, parent_id }: NatAnswer): void {
    this.#send({ type: 'user_interaction_message', interaction_id: id, thread_id, parent_id, content: contentOf('approve') })
  }

  #send(frame: object): void {
    this.#count += 1
    this.#socket.send(JSON.stringify({ id: `m${this.#count}`, conversation_id: this.#conversationId, ...frame }))
  }
}

/** Opens a socket with the origin of the server's own page. */
export async function connect(address: string, conversationId: string): Promise<NatPerson> {
  const { host, origin } = new URL(address)
  const socket = new WebSocket(`ws://${host}/websocket?conversation_id=${conversationId}`, { origin, perMessageDeflate: false })
  await once(socket, 'open', { signal: AbortSignal.timeout(DEADLINE_MS) })
  return new NatPerson(socket, conversationId)
}

interface NatAnswer {
  readonly type: string
  readonly id?: string
  readonly thread_id?: string
  readonly parent_id?: string
  readonly status?: string
}

function contentOf(text: string): object {
  return { messages: [{ role: 'user', content: [{ type: 'text', text }] }] }
}
