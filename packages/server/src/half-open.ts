import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Runtime } from '@countersign/core'

/** How long a connection may take before it counts, milliseconds: of a burst of honest ones, none is left by then. */
const GRACE_MS = 1_000

/** Which connections are through the door. */
export interface HalfOpen {
  /** The connection has become a socket: it owes no request any more. */
  forget(connection: Socket): void
}

/**
 * Bounds how many connections of one address may be slow to send a whole request (Slowloris). Further ones are cut off; who is over, and when all of them are
 * too late, Node's own timeouts say.
 */
export function limitHalfOpen(server: Server, { runtime, max }: { runtime: Pick<Runtime, 'timer'>; max: number }): HalfOpen {
  const slow = new SlowOnes(max)
  const waiting = new WeakMap<Socket, Waiting>()
  server.on('connection', (connection) => {
    const wait = new Waiting(connection, slow, runtime)
    waiting.set(connection, wait)
    connection.once('close', () => wait.end())
  })
  server.on('request', (request, response) => {
    const wait = waiting.get(request.socket)
    wait?.begin(request)
    response.once('close', () => wait?.end())
  })
  return { forget: (connection) => waiting.get(connection)?.end() }
}

/** How many connections of each address are slow now. */
class SlowOnes {
  readonly #max: number
  readonly #counts = new Map<string, number>()

  constructor(max: number) {
    this.#max = max
  }

  /** @returns whether there was room for one more */
  add(address: string): boolean {
    const count = this.#counts.get(address) ?? 0
    if (count >= this.#max) return false
    this.#counts.set(address, count + 1)
    return true
  }

  remove(address: string): void {
    const count = this.#counts.get(address) ?? 0
    if (count > 1) this.#counts.set(address, count - 1)
    else this.#counts.delete(address)
  }
}

/** One connection: until its request is whole it owes us one, and is looked at once a second. What it sends after an answer, Node gives no longer than its idleness. */
class Waiting {
  readonly #connection: Socket
  readonly #slow: SlowOnes
  readonly #runtime: Pick<Runtime, 'timer'>
  /** Kept, since a closed connection has forgotten it. */
  readonly #address: string
  #request: IncomingMessage | undefined
  #isSlow = false
  #stopTimer: () => void

  constructor(connection: Socket, slow: SlowOnes, runtime: Pick<Runtime, 'timer'>) {
    this.#connection = connection
    this.#slow = slow
    this.#runtime = runtime
    this.#address = subscriberOf(connection.remoteAddress ?? '')
    this.#stopTimer = this.#lookLater()
  }

  /** The head of a request is here. */
  begin(request: IncomingMessage): void {
    this.end()
    this.#request = request
    this.#stopTimer = this.#lookLater()
  }

  /** It owes nothing now. */
  end(): void {
    this.#stopTimer()
    if (this.#isSlow) this.#slow.remove(this.#address)
    this.#isSlow = false
  }

  #look(): void {
    if (this.#request?.complete) return this.end()
    if (!this.#isSlow && !this.#slow.add(this.#address)) return void this.#connection.destroy()
    this.#isSlow = true
    this.#stopTimer = this.#lookLater()
  }

  #lookLater(): () => void {
    return this.#runtime.timer(GRACE_MS, () => this.#look())
  }
}

/** Whose address it is: of IPv6 everybody has a whole /64, so only the network counts. */
export function subscriberOf(address: string): string {
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1]
  if (mapped !== undefined || !address.includes(':')) return mapped ?? address
  const [front = '', back = ''] = address.split('::')
  const groups = front === '' ? [] : front.split(':')
  const missing = 8 - groups.length - (back === '' ? 0 : back.split(':').length)
  return [...groups, ...Array.from({ length: missing }, () => '0'), ...back.split(':')].slice(0, 4).join(':')
}
