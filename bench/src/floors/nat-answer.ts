import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { tellParent } from '../programs/parent.ts'
import { TRANSFER } from '../script.ts'

/** What to do when a person says something, and when they approve what they were asked. */
export interface Chat {
  readonly say: (text: string, answer: NatAnswer) => Promise<void>
  readonly approve: (answer: NatAnswer) => Promise<void>
}

/** Takes NAT's messages on a WebSocket of any origin, as bare as can be. */
export function serveChat({ say, approve }: Chat): void {
  const server = createServer()
  const sockets = new WebSocketServer({ server, perMessageDeflate: false })
  sockets.on('connection', (socket) => {
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString('utf8')) as Incoming // from our own client
      const answer = new NatAnswer(socket, frame)
      void (frame.type === 'user_message' ? say(frame.content.messages[0]?.content[0]?.text ?? '', answer) : approve(answer))
    })
  })
  server.listen(0, '127.0.0.1', () => tellParent(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
}

let count = 0

/** The frames that answer one message of a person. */
export class NatAnswer {
  readonly conversationId: string
  readonly messageId: string
  readonly #socket: WebSocket
  readonly #base: object

  constructor(socket: WebSocket, { id, conversation_id }: Incoming) {
    count += 1
    this.conversationId = conversation_id
    this.messageId = id
    this.#socket = socket
    this.#base = { id: `f${count}`, thread_id: 'default', parent_id: id, conversation_id, timestamp: new Date().toISOString() }
  }

  /** What a tool was given, or what came of it. */
  step(payload: object): void {
    const content = { name: 'Tool: transfer', payload: JSON.stringify(payload) }
    this.#send({ type: 'system_intermediate_message', content, status: 'in_progress' })
  }

  /** Asks the person to approve the one call. */
  ask(): void {
    this.#send({ id: `q${count}`, thread_id: `q${count}`, type: 'system_interaction_message', content: QUESTION })
  }

  text(text: string): void {
    this.#send({ type: 'system_response_message', content: { text }, status: 'in_progress' })
  }

  end(): void {
    this.#send({ type: 'system_response_message', content: { text: null }, status: 'complete' })
  }

  #send(frame: object): void {
    this.#socket.send(JSON.stringify({ ...this.#base, ...frame }))
  }
}

/** The question about the one call, as NAT's clients know it. */
export const QUESTION = { text: 'Run "transfer"?', input_type: 'binary_choice', options: ['approve', 'deny'], arguments: TRANSFER }

interface Incoming {
  readonly type: string
  readonly id: string
  readonly conversation_id: string
  readonly content: { readonly messages: readonly { readonly content: readonly { readonly text: string }[] }[] }
}
