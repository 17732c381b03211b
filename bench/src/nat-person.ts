import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
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
  readonly conversationId: string
  readonly #socket: WebSocket
  #cookie: string
  #count = 0
  #question: NatAnswer | undefined
  #hear: (frame: NatAnswer) => void = () => undefined

  constructor(socket: WebSocket, { conversationId, cookie }: Browser) {
    this.#socket = socket
    this.conversationId = conversationId
    this.#cookie = cookie
    socket.once('upgrade', ({ headers }: IncomingMessage) => {
      this.#cookie = headers['set-cookie']?.[0]?.split(';', 1)[0] ?? cookie
    })
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString('utf8')) as NatAnswer // from a server under measurement; its own tests check the form
      if (isQuestion(frame)) this.#question = frame
      this.#hear(frame)
    })
  }

  /** By what the server knows this browser again. */
  get cookie(): string {
    return this.#cookie
  }

  /** Says `text`, approves each question, and resolves with the last frame of the answer. */
  say(text: string): Promise<Exchange> {
    return this.#exchange(() => this.#say(text))
  }

  /** Approves the question that is open, and resolves with the last frame of the answer. */
  approve(): Promise<Exchange> {
    return this.#exchange(() => this.#approve(this.#question))
  }

  /** Says `text` and resolves with the type of the first frame that is of one of `types`. */
  firstFrame(text: string, types: readonly string[]): Promise<string> {
    const first = this.#until(({ type }) => types.includes(type))
    this.#say(text)
    return first.then(({ type }) => type)
  }

  /** Resolves when a question is open; a server sends it again to who comes back. */
  async asked(): Promise<void> {
    if (!this.#question) await this.#until(isQuestion)
  }

  close(): void {
    this.#socket.terminate()
  }

  async #exchange(begin: () => void): Promise<Exchange> {
    const startedAt = performance.now()
    let frames = 0
    let firstMs = 0
    const ended = this.#until((frame) => {
      frames += 1
      if (frames === 1) firstMs = performance.now() - startedAt
      if (isQuestion(frame)) this.#approve(frame)
      return frame.status === 'complete'
    })
    begin()
    await ended
    return { frames, firstMs, lastMs: performance.now() - startedAt }
  }

  /** @returns the first frame that passes; a refusal of the server is an error */
  #until(passes: (frame: NatAnswer) => boolean): Promise<NatAnswer> {
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => reject(new Error(`no answer within ${DEADLINE_MS} ms`)), DEADLINE_MS)
      this.#hear = (frame) => {
        if (frame.type === 'error_message') reject(new Error(`the server refused: ${JSON.stringify(frame)}`))
        else if (passes(frame)) resolve(frame)
        else return
        clearTimeout(deadline)
      }
    })
  }

  #say(text: string): void {
    this.#send({ type: 'user_message', schema_type: 'chat_stream', content: contentOf(text) })
  }

  #approve(question: NatAnswer | undefined): void {
    if (!question) throw new Error('nothing is asked')
    const { id, thread_id, parent_id } = question
    this.#question = undefined
    this.#send({ type: 'user_interaction_message', interaction_id: id, thread_id, parent_id, content: contentOf('approve') })
  }

  #send(frame: object): void {
    this.#count += 1
    this.#socket.send(JSON.stringify({ id: `m${this.#count}`, conversation_id: this.conversationId, ...frame }))
  }
}

/** A conversation in a browser, and the cookie of that browser. */
export interface Browser {
  readonly conversationId: string
  readonly cookie: string
}

/** Opens a socket with the origin of the server's own page; without a cookie as a browser that was never there. */
export async function connect(address: string, conversationId: string, cookie = ''): Promise<NatPerson> {
  const { host, origin } = new URL(address)
  const headers = cookie === '' ? {} : { cookie }
  const socket = new WebSocket(`ws://${host}/websocket?conversation_id=${conversationId}`, { origin, headers, perMessageDeflate: false })
  const person = new NatPerson(socket, { conversationId, cookie })
  await once(socket, 'open', { signal: AbortSignal.timeout(DEADLINE_MS) })
  return person
}

interface NatAnswer {
  readonly type: string
  readonly id?: string
  readonly thread_id?: string
  readonly parent_id?: string
  readonly status?: string
}

function isQuestion({ type }: NatAnswer): boolean {
  return type === 'system_interaction_message'
}

function contentOf(text: string): object {
  return { messages: [{ role: 'user', content: [{ type: 'text', text }] }] }
}
