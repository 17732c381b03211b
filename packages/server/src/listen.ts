import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CountersignError } from '@countersign/core'
import { type WebSocketServerLike, createAdaptorServer } from '@hono/node-server'
import type { WebSocketServer } from 'ws'

/** What answers requests. */
interface Answering {
  fetch(request: Request, env?: object): Response | Promise<Response>
}

/** A port that is ours; nothing is answered on it before `open`. */
export interface Listening {
  readonly port: number
  open(app: Answering): void
  /** Takes no new connection. */
  refuse(): void
  close(): void
}

/**
 * Takes the port. Slow senders are cut off: headers within 10 s, the whole request within 30 s.
 * @throws CountersignError `invalid_config` when the port is taken or the host is not ours
 */
export async function listen({ host, port }: { host: string; port: number }, sockets: WebSocketServer): Promise<Listening> {
  let app: Answering = { fetch: () => new Response('the server is starting\n', { status: 503 }) }
  // Without http2 options the adaptor makes a plain server.
  const server = createAdaptorServer({
    fetch: (request, env) => app.fetch(request, env),
    // The same class; only its declared options differ in how they spell an absent value.
    websocket: { server: sockets as unknown as WebSocketServerLike },
    serverOptions: { headersTimeout: 10_000, requestTimeout: 30_000, maxHeaderSize: 16_384, keepAliveTimeout: 5_000 },
  }) as Server
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(refusal(cause, host, port)))
    server.listen(port, host === 'localhost' ? '127.0.0.1' : host, resolve)
  })
  return {
    // A server that listens on a port has an address of this form.
    port: (server.address() as AddressInfo).port,
    open: (opened) => {
      app = opened
    },
    refuse: () => {
      server.close()
      server.closeIdleConnections()
    },
    close: () => server.closeAllConnections(),
  }
}

/** How a browser on this machine would name the host that is listened on. */
export function originHost(host: string): string {
  if (host === '0.0.0.0' || host === '::' || host === '127.0.0.1' || host === '::1') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

function refusal(cause: NodeJS.ErrnoException, host: string, port: number): CountersignError {
  const why =
    cause.code === 'EADDRINUSE'
      ? `port ${port} on ${host} is taken; stop what uses it, or choose another with --port`
      : `cannot listen on ${host}:${port}: ${cause.code ?? cause.message}`
  return new CountersignError('invalid_config', why, { cause })
}
