import { deepStrictEqual, ok } from 'node:assert/strict'
import { once } from 'node:events'
import type { LoggedEvent, Rows } from '@countersign/core'
import { until } from '@countersign/core/testing'
import { NatClient } from '../e2e/nat-client.ts'
import { WebSocket } from 'ws'
import { type ChatClient, isCaughtUp, openChat } from './chat-client.ts'
import type { Stage } from './hostile-stage.ts'

/** The cookies of the two people. */
export interface Cookies {
  readonly owner: string
  readonly stranger: string
}

/** One conversation on a real server, its owner with up to two connections, and a stranger who knows its name. */
export class ConversationWorld {
  readonly stage: Stage
  readonly conversationId: string
  readonly stranger: ChatClient
  readonly closeCodes: number[] = []
  readonly cookie: string
  /** What the owner saw over all connections of our own protocol. */
  readonly #log: LoggedEvent[] = []
  readonly #effectsBefore: number
  chat: ChatClient | undefined
  nat: NatClient | undefined

  private constructor(stage: Stage, stranger: ChatClient, { conversationId, owner }: { conversationId: string; owner: string }) {
    this.stage = stage
    this.stranger = stranger
    this.conversationId = conversationId
    this.cookie = owner
    this.#effectsBefore = stage.effects.length
    this.#note(stranger.socket)
  }

  static async open(stage: Stage, { owner, stranger }: Cookies, conversationId: string): Promise<ConversationWorld> {
    return new ConversationWorld(stage, await openChat(stage, { cookie: stranger, conversationId, lastSeq: 0 }), { conversationId, owner })
  }

  get effects(): number {
    return this.stage.effects.length - this.#effectsBefore
  }

  send(frame: object): void {
    const socket = this.chat?.socket ?? this.nat?.socket
    socket?.send(JSON.stringify(frame))
  }

  /** Sends something, and resolves with the code of the error that it gets. */
  async refusalOf(frame: object | string | Buffer): Promise<unknown> {
    const data = typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame)
    if (this.chat) return (await this.chat.refusalOf(data)).content.code
    return (await this.nat?.refusalOf(data))?.content?.['code']
  }

  /** Connects with our own protocol, from where the owner left off. */
  async connect(): Promise<void> {
    this.chat = await openChat(this.stage, {
      cookie: this.cookie,
      conversationId: this.conversationId,
      lastSeq: this.#log.at(-1)?.seq ?? 0,
    })
    this.#note(this.chat.socket)
    await this.chat.until(isCaughtUp)
  }

  async connectNat(): Promise<void> {
    const { origin } = this.stage
    const address = `${origin.replace('http', 'ws')}/websocket?conversation_id=${this.conversationId}`
    const socket = new WebSocket(address, { origin, headers: { cookie: this.cookie } })
    this.#note(socket)
    this.nat = new NatClient(socket, this.conversationId)
    await once(socket, 'open')
  }

  /** Cuts the connections without a word. */
  async drop(): Promise<void> {
    const sockets = [this.chat?.socket, this.nat?.socket].filter((socket) => socket !== undefined)
    const closed = sockets.map((socket) => once(socket, 'close'))
    for (const socket of sockets) socket.terminate()
    await Promise.all(closed)
    this.#keepLog()
    this.chat = undefined
    this.nat = undefined
  }

  /** What the database says, once it says what passes. */
  row<T>(look: (rows: { runs: readonly Rows['runs'][]; questions: readonly Rows['interactions'][] }) => T | undefined): Promise<T> {
    const { conversationId } = this
    return until(this.stage.server.store, async () =>
      look(
        await this.stage.server.store.transact('look', async (transaction) => ({
          runs: await transaction.find('runs', { conversationId }),
          questions: await transaction.find('interactions', { conversationId }, { orderBy: 'createdAt' }),
        })),
      ),
    )
  }

  /** The owner's chat shows everything that happened, once and in order; the stranger's shows nothing. */
  async check(): Promise<void> {
    const last = await this.#lastSeq()
    const isNew = last > (this.#log.at(-1)?.seq ?? 0)
    if (this.chat && isNew) await this.chat.until((frame): frame is typeof frame => frame.type === 'event_message' && frame.seq >= last)
    const seen = [...this.#log, ...(this.chat?.events ?? [])].map(({ seq }) => seq)
    deepStrictEqual(
      seen,
      seen.map((_, at) => at + 1),
    )
    ok(!this.chat || seen.length === last, `the chat shows ${seen.length} of ${last} events`)
    deepStrictEqual(this.stranger.events, [])
  }

  /** Somebody who comes for the first time reads the same: every question and run has one beginning and at most one end. */
  async checkWholeLog(): Promise<void> {
    await this.drop()
    const reader = await openChat(this.stage, { cookie: this.cookie, conversationId: this.conversationId, lastSeq: 0 })
    await reader.until(isCaughtUp)
    const events = reader.events.map(({ event }) => event)
    const plain = ({ seq, event }: LoggedEvent): object => ({ seq, event })
    deepStrictEqual(reader.events.slice(0, this.#log.length).map(plain), this.#log.map(plain))
    for (const type of ['run-start', 'run-end', 'interaction-open', 'interaction-close'] as const) {
      const ids = events.flatMap((event) => (event.type === type ? [idOf(event)] : []))
      deepStrictEqual([...new Set(ids)], ids, type)
    }
    const answered = events.filter((event) => event.type === 'interaction-close' && event.state === 'answered')
    deepStrictEqual(this.effects, answered.length)
    reader.socket.terminate()
  }

  async close(): Promise<void> {
    const closed = once(this.stranger.socket, 'close')
    this.stranger.socket.close(1000)
    await closed
  }

  #keepLog(): void {
    for (const { seq, at, event } of this.chat?.events ?? []) this.#log.push({ seq, at, event })
  }

  async #lastSeq(): Promise<number> {
    const conversation = await this.stage.server.store.transact('look', (transaction) =>
      transaction.get('conversations', { id: this.conversationId }),
    )
    return conversation?.seq ?? 0
  }

  #note(socket: WebSocket): void {
    socket.once('close', (code) => void this.closeCodes.push(code))
  }
}

function idOf(event: LoggedEvent['event']): string {
  if (event.type === 'interaction-open' || event.type === 'interaction-update') return event.interaction.id
  return event.type === 'interaction-close' ? event.interactionId : event.runId
}
