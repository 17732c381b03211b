import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A TCP connection whose every byte is ours. Ends with the test. */
export class RawConnection {
  readonly socket: Socket
  /** Resolves with everything that came, when the server has closed or cut the connection. */
  readonly ended: Promise<Buffer>
  #received = Buffer.alloc(0)
  #watchers: (() => void)[] = []

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (bytes) => {
      this.#received = Buffer.concat([this.#received, bytes])
      for (const watcher of this.#watchers) watcher()
    })
    // A connection that is cut is what most of these tests are about.
    socket.on('error', () => undefined)
    this.ended = new Promise((resolve) => socket.once('close', () => resolve(this.#received)))
    onTestFinished(() => void socket.destroy())
  }

  /** Everything that came so far. */
  get received(): Buffer {
    return this.#received
  }

  send(bytes: Buffer | string): this {
    this.socket.write(bytes)
    return this
  }

  /** Resolves when what came passes. */
  until(isEnough: (received: Buffer) => boolean): Promise<Buffer> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (isEnough(this.#received)) resolve(this.#received)
      }
      this.#watchers.push(look)
      look()
    })
  }

  /** The status of the answer, or 0 when the connection ended without one. */
  async status(): Promise<number> {
    const received = await Promise.race([this.until((bytes) => bytes.includes('\r\n\r\n')), this.ended])
    return Number(/^HTTP\/1\.1 (\d{3}) /.exec(received.toString('latin1'))?.[1] ?? 0)
  }
}

/** Opens a connection to a server on this machine. */
export async function rawConnection(port: number): Promise<RawConnection> {
  const connection = new RawConnection(connect({ port, host: '127.0.0.1' }))
  await once(connection.socket, 'connect')
  return connection
}

/** The head of a request, with nothing that was not given but `Host`. */
export function requestHead(port: number, line: string, headers: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries({ host: `localhost:${port}`, ...headers }).map(([name, value]) => `${name}: ${value}`)
  return `${line} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`
}

/** The head of a request for a WebSocket, as a browser at this server's own page would send it. */
export function handshake(port: number, headers: Readonly<Record<string, string>> = {}, query = ''): string {
  return requestHead(port, `GET /websocket${query}`, {
    origin: `http://localhost:${port}`,
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    ...headers,
  })
}
