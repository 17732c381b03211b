import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CountersignError, type Runtime } from '@countersign/core'
import { createAdaptorServer } from '@hono/node-server'
import type { WebSocketServer } from 'ws'
import type { Limits } from './config/limits-schema.ts'
import { limitHalfOpen } from './half-open.ts'
import { takeUpgrades } from './transports/upgrades.ts'

/** What answers requests. */
interface Answering {
  fetch(request: Request, env?: object): Response | Promise<Response>
}

/** A port that is ours; nothing is answered on it before `open`. */
export interface Listening {
  readonly port: number
  open(app: Answering): void
  /** Takes no new connection. Resolves when those that are there have ended. */
  refuse(): Promise<void>
  /** Ends those that are there. */
  close(): void
}

/** Whose the connections on the port are, and what they may cost. */
export interface ListenParts {
  readonly sockets: WebSocketServer
  readonly limits: Limits
  readonly runtime: Pick<Runtime, 'timer'>
}

/**
 * Takes the port. Who sends slowly, reads slowly, or comes too often is cut off, as the limits say.
 * @throws CountersignError `invalid_config` when the port is taken or the host is not ours
 */
export async function listen({ host, port }: { host: string; port: number }, parts: ListenParts): Promise<Listening> {
  let app: Answering = { fetch: () => new Response('the server is starting\n', { status: 503 }) }
  const server = createServer((request, env) => app.fetch(request, env), parts.limits)
  const halfOpen = limitHalfOpen(server, { runtime: parts.runtime, max: parts.limits.max_half_open_per_address })
  takeUpgrades(server, {
    sockets: parts.sockets,
    fetch: (request, env) => app.fetch(request, env),
    onAdmitted: (connection) => halfOpen.forget(connection),
  })
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
    refuse: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
      }),
    close: () => server.closeAllConnections(),
  }
}

/** A server of which Node watches over the requests: late ones are answered with 408. */
function createServer(fetch: (request: Request, env: object) => Response | Promise<Response>, limits: Limits): Server {
  const headersTimeout = limits.header_timeout_seconds * 1_000
  // Without http2 options the adaptor makes a plain server.
  const server = createAdaptorServer({
    fetch,
    serverOptions: {
      headersTimeout,
      requestTimeout: limits.request_timeout_seconds * 1_000,
      // Node looks for late ones only so often: every 30 s by default.
      connectionsCheckingInterval: Math.min(1_000, headersTimeout / 2),
      maxHeaderSize: 16_384,
      keepAliveTimeout: 5_000,
    },
  }) as Server
  server.maxConnections = limits.max_sockets + limits.max_plain_connections
  server.timeout = limits.answer_timeout_seconds * 1_000
  return server
}

function refusal(cause: NodeJS.ErrnoException, host: string, port: number): CountersignError {
  const why =
    cause.code === 'EADDRINUSE'
      ? `port ${port} on ${host} is taken; stop what uses it, or choose another with --port`
      : `cannot listen on ${host}:${port}: ${cause.code ?? cause.message}`
  return new CountersignError('invalid_config', why, { cause })
}
