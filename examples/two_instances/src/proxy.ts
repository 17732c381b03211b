import { type IncomingMessage, type Server, type ServerResponse, createServer, request as send } from 'node:http'
import { type Socket, connect } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Target } from './round-robin.ts'

/** How a proxy is opened. */
export interface ProxyOptions {
  readonly port: number
  /** Whom to send the next request to, and whom after that if nobody listens there. */
  readonly targets: () => readonly Target[]
  /** Told of each request, and who has it. */
  readonly onSent?: ((target: Target, request: IncomingMessage) => void) | undefined
}

/** A proxy that knows no sessions. */
export interface Proxy {
  stop(): Promise<void>
}

/** A connection to whoever takes the request; undefined when nobody listens. */
type Way = Socket | undefined

/** Opens a plain proxy for HTTP and WebSockets: each request goes to whoever comes next, on a connection of its own, with its headers as they are. */
export async function openProxy({ port, targets, onSent }: ProxyOptions): Promise<Proxy> {
  const server = createServer()
  const way = async (request: IncomingMessage): Promise<Way> => {
    for (const target of targets()) {
      const connection = await connected(target.port)
      if (!connection) continue
      onSent?.(target, request)
      return connection
    }
    return undefined
  }
  const open = new Set<Duplex>()
  server.on('request', (request, response) => void way(request).then((connection) => passRequest(request, response, connection)))
  server.on('upgrade', (request, client, head) => {
    open.add(client)
    client.once('close', () => open.delete(client))
    // Who goes away before there is a way is gone.
    client.on('error', () => client.destroy())
    void way(request).then((connection) => passUpgrade({ request, client, head }, connection))
  })
  await listening(server, port)
  return {
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
        for (const client of open) client.destroy()
      }),
  }
}

function passRequest(request: IncomingMessage, response: ServerResponse, connection: Way): void {
  if (!connection) return refuse(response)
  const { method, url, headers } = request
  const onward = send({ createConnection: () => connection, method, path: url, headers: { ...headers, connection: 'close' } })
  onward.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, endToEnd(answer.rawHeaders))
    answer.pipe(response)
    // An answer that breaks off breaks off for the client, too.
    answer.once('error', () => response.destroy())
  })
  onward.on('error', () => (response.headersSent ? response.destroy() : refuse(response)))
  response.once('close', () => onward.destroy())
  request.pipe(onward)
}

function refuse(response: ServerResponse): void {
  response.writeHead(502, { 'content-type': 'text/plain' }).end('no server answers\n')
}

interface Upgrade {
  readonly request: IncomingMessage
  readonly client: Duplex
  readonly head: Buffer
}

/** What follows is no longer HTTP: bytes both ways, until one side ends. */
function passUpgrade({ request, client, head }: Upgrade, connection: Way): void {
  if (!connection) return void client.end('HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\n\r\n')
  const { method = '', url = '', rawHeaders } = request
  const lines = pairs(rawHeaders).map(([name, value]) => `${name}: ${value}`)
  connection.write(`${[`${method} ${url} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n`, 'latin1')
  connection.write(head)
  connection.on('error', () => connection.destroy()).once('close', () => client.destroy())
  client.once('close', () => connection.destroy())
  if (client.destroyed) connection.destroy()
  client.pipe(connection).pipe(client)
}

/** Headers that are about one connection only are not passed on (RFC 9110 §7.6.1). */
function endToEnd(rawHeaders: readonly string[]): string[] {
  const ofConnection = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade'])
  return pairs(rawHeaders)
    .filter(([name]) => !ofConnection.has(name.toLowerCase()))
    .flat()
}

/** Node gives headers as they came as a flat list: name, value, name, value. */
function pairs(rawHeaders: readonly string[]): readonly (readonly [name: string, value: string])[] {
  return rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ''] as const] : []))
}

function connected(port: number): Promise<Way> {
  const connection = connect(port, '127.0.0.1')
  return new Promise((resolve) => {
    connection.once('connect', () => resolve(connection))
    connection.once('error', () => resolve(undefined))
  })
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
}
