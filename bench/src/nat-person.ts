import { once } from 'node:events'
import { WebSocket } from 'ws'

/** How long one answer may take, milliseconds. */
const DEADLINE_MS = 20_000

/** What one message came to. */
export interface Exchange {
  readonly frames: number
  /** From the message to the last frame, milliseconds. */
  readonly elapsedMs: number
}

/** A person at NAT's WebSocket messages: says something, approves what is asked, and waits for the end of the answer. */
export class NatPerson {
  readonly #socket: WebSocket
  readonly #conversationId: string
  #count = 0
  #onFrame: (frame: NatAnswer) => void = () => undefined

  constructor(socket: WebSocket, conversationId: string) {
    this.#socket = socket
    this.#conversationId = conversationId
    // The frames of a server under test, whose form its own tests check.
    socket.on('message', (data: Buffer) => this.#onFrame(JSON.parse(data.toString('utf8')) as NatAnswer))
  }

  /** Says `text`, approves each question, and resolves with the last frame of the answer. */
  say(text: string): Promise<Exchange> {
    const startedAt = performance.now()
    let frames = 0
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => reject(new Error(`no end of an answer after ${DEADLINE_MS} ms`)), DEADLINE_MS)
      this.#onFrame = (frame) => {
        frames += 1
        if (frame.type === 'error_message') reject(new Error(`refused: ${JSON.stringify(frame)}`))
        else if (frame.type === 'system_interaction_message') this.#approve(frame)
        else if (frame.type !== 'system_response_message' || frame.status !== 'complete') return
        else resolve({ frames, elapsedMs: performance.now() - startedAt })
        if (frame.type !== 'system_interaction_message') clearTimeout(deadline)
      }
      this.#send({ type: 'user_message', schema_type: 'chat_stream', content: content(text) })
    })
  }

  close(): void {
    this.#socket.terminate()
  }

  #approve({ id, thread_id, parent_id }: NatAnswer): void {
    this.#send({ type: 'user_interaction_message', interaction_id: id, thread_id, parent_id, content: content('approve') })
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

function content(text: string): object {
  return { messages: [{ role: 'user', content: [{ type: 'text', text }] }] }
}
