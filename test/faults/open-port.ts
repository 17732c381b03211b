import { once } from 'node:events'
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { type HostileServer, hostileServer } from '@countersign/core/testing'
import { onTestFinished } from 'vitest'

/** A scripted authorization server behind a real port. */
export interface ListeningServer {
  readonly server: HostileServer
  /** Nobody listens any more: connections are refused. */
  down(): Promise<void>
  /** Listens again, on the same port. */
  up(): Promise<void>
}

/** Opens a port for a scripted server; it closes with the test. */
export async function openPort(): Promise<ListeningServer> {
  let listener = await listen(() => server)
  const { port } = listener.address() as AddressInfo
  const server = hostileServer(`http://127.0.0.1:${port}`)
  const down = async (): Promise<void> => {
    listener.closeAllConnections()
    if (!listener.listening) return
    const closed = once(listener, 'close')
    listener.close()
    await closed
  }
  onTestFinished(down)
  return {
    server,
    down,
    async up() {
      listener = await listen(() => server, port)
    },
  }
}

async function listen(server: () => HostileServer, port = 0): Promise<Server> {
  const listener = createServer((incoming, outgoing) => void reply(server(), incoming, outgoing))
  await once(listener.listen(port, '127.0.0.1'), 'listening')
  return listener
}

async function reply(server: HostileServer, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const body = Buffer.concat(await incoming.toArray())
  const headers = Object.entries(incoming.headersDistinct).map(([name, values]): [string, string] => [name, values?.join(', ') ?? ''])
  const init = { method: incoming.method ?? 'GET', headers, ...(body.length > 0 && { body }) }
  const response = await server.answer(new Request(`${server.issuer}${incoming.url}`, init))
  if (response.type === 'error') return void outgoing.destroy()
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  // The other side may well hang up before the end: that is what these tests are about.
  await pipeline(bytesOf(response), outgoing).catch(() => undefined)
}

async function* bytesOf(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader()
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) yield part.value
}
