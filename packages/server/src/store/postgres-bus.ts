import { Bus, type Channel, errorFacts, type Rows, type Runtime } from '@countersign/core'
import type { Client } from 'pg'
import { storageFailure } from './postgres-failure.ts'
import { type PostgresAddress, connectionOptions } from './postgres-pool.ts'
import { type Notice, Unheard } from './unheard.ts'
import type { PostgresSockets } from './postgres-sockets.ts'

/** What the bus needs of the world. */
export interface PostgresBusOptions extends PostgresAddress {
  readonly runtime: Pick<Runtime, 'timer' | 'log' | 'id'>
  readonly sockets: PostgresSockets
  readonly pollMs?: number
}

/** One name for all processes of a database. */
const topic = 'countersign'

/** How long notices are gathered before they leave together, milliseconds. */
const GATHER_MS = 5

/** A payload ends at 8000 bytes; ids that do not fit into one go into the next. */
const MAX_PAYLOAD = 7_000

/** How long after a lost connection the next is tried, milliseconds. */
const RECONNECT_MS = 1_000

/**
 * Wake-ups among the processes of a database, on a connection of its own: notices leave after their commit, many in one `NOTIFY`. One that is lost is
 * made good by a slow look at the conversations and sessions that somebody follows; runs that are due are found by the scheduler.
 */
export class PostgresBus extends Bus {
  readonly #options: PostgresBusOptions
  /** By this a process knows its own notices. */
  readonly #origin: string
  readonly #waiting = new Map<string, Notice>()
  readonly #unheard = new Unheard()
  #client: Client | undefined
  #isClosed = false
  #isGathering = false
  #sending: Promise<void> = Promise.resolve()
  #stopReconnecting = (): void => undefined
  #stopPolling = (): void => undefined

  private constructor(options: PostgresBusOptions) {
    super()
    this.#options = options
    this.#origin = options.runtime.id()
  }

  /** @throws whatever the driver throws when the database cannot be reached */
  static async open(options: PostgresBusOptions): Promise<PostgresBus> {
    const bus = new PostgresBus(options)
    await bus.#connect()
    bus.#poll()
    return bus
  }

  override publish(channel: Channel, id: string, appended?: readonly Rows['events'][]): void {
    super.publish(channel, id, appended)
    this.#waiting.set(`${channel} ${id}`, [channel, id])
    if (this.#isGathering) return
    this.#isGathering = true
    this.#options.runtime.timer(GATHER_MS, () => this.#send())
  }

  async close(): Promise<void> {
    this.#send()
    await this.#sending
    this.#isClosed = true
    this.#stopReconnecting()
    this.#stopPolling()
    await this.#client?.end().catch(() => undefined)
  }

  async #connect(): Promise<void> {
    const { default: pg } = await import('pg')
    const client = new pg.Client(connectionOptions(this.#options, this.#options.sockets))
    client.on('notification', ({ payload }) => this.#hear(payload ?? ''))
    // A connection may break more than once.
    client.on('error', (error: Error) => this.#lost(client, error))
    try {
      await client.connect()
      await client.query(`listen ${topic}`)
    } catch (error) {
      client.end().catch(() => undefined)
      throw error
    }
    this.#client = client
  }

  /** Whatever was said meanwhile is found by looking. */
  #lost(client: Client, error: unknown): void {
    if (this.#isClosed || this.#client !== client) return
    this.#client = undefined
    this.#options.runtime.log.warn('wake-ups from other servers are lost until the database is back', errorFacts(storageFailure(error)))
    client.end().catch(() => undefined)
    this.#reconnectLater()
  }

  #reconnectLater(): void {
    this.#stopReconnecting = this.#options.runtime.timer(RECONNECT_MS, () => {
      this.#connect().then(
        () => (this.#isClosed ? this.#client?.end() : this.#look()),
        () => (this.#isClosed ? undefined : this.#reconnectLater()),
      )
    })
  }

  #send(): void {
    this.#isGathering = false
    const notices = [...this.#waiting.values()]
    this.#waiting.clear()
    const client = this.#client
    if (!client || notices.length === 0) return
    for (const payload of payloads(this.#origin, notices))
      this.#sending = client.query('select pg_notify($1, $2)', [topic, payload]).then(
        () => undefined,
        (error: unknown) => this.#options.runtime.log.warn('other servers could not be told at once', errorFacts(storageFailure(error))),
      )
  }

  #hear(payload: string): void {
    const said = parse(payload)
    if (!said || said.origin === this.#origin) return
    for (const [channel, id] of said.notices) super.publish(channel, id)
  }

  #poll(): void {
    this.#stopPolling = this.#options.runtime.timer(this.#options.pollMs ?? 5_000, () => {
      void this.#look().finally(() => {
        if (!this.#isClosed) this.#poll()
      })
    })
  }

  /** Tells of what has happened without anybody saying so. Too often is harmless: who is told looks at the rows. */
  async #look(): Promise<void> {
    const client = this.#client
    if (!client) return
    const followed = { conversations: [...this.listenedTo('conversation')], sessions: [...this.listenedTo('session')] }
    try {
      for (const [channel, id] of await this.#unheard.look(client, followed)) super.publish(channel, id)
    } catch (error) {
      // Who does not answer will not call either.
      this.#lost(client, error)
    }
  }
}

function payloads(origin: string, notices: readonly Notice[]): readonly string[] {
  const parts: Notice[][] = [[]]
  let length = 0
  for (const notice of notices) {
    length += Buffer.byteLength(JSON.stringify(notice)) + 1
    if (length > MAX_PAYLOAD) {
      parts.push([])
      length = 0
    }
    parts.at(-1)?.push(notice)
  }
  return parts.map((part) => JSON.stringify({ origin, notices: part }))
}

/** Whoever may write into the database may notify, too: what does not look like ours is passed over. */
function parse(payload: string): { readonly origin: string; readonly notices: readonly Notice[] } | undefined {
  try {
    const said: unknown = JSON.parse(payload)
    if (typeof said !== 'object' || said === null || !('origin' in said) || !('notices' in said)) return undefined
    if (typeof said.origin !== 'string' || !Array.isArray(said.notices)) return undefined
    return { origin: said.origin, notices: said.notices.filter(isNotice) }
  } catch {
    return undefined
  }
}

function isNotice(value: unknown): value is Notice {
  return Array.isArray(value) && value.length === 2 && channels.includes(value[0]) && typeof value[1] === 'string'
}

const channels: readonly unknown[] = ['run', 'conversation', 'session'] satisfies readonly Channel[]
