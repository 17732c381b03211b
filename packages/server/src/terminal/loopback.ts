import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CountersignError } from '@countersign/core'
import { createAdaptorServer } from '@hono/node-server'
import type { Hono } from 'hono'

/** How long a browser may take over a request, milliseconds: it is on this computer. */
const REQUEST_MS = 5_000
/** A browser opens a handful; whoever opens more is not one that signs in. */
const MAX_CONNECTIONS = 32

/** A free port of this computer that only this computer reaches. It holds the process open. */
export interface Loopback {
  readonly origin: string
  /** Lets requests in; those before it are told to come again. */
  open(app: Hono): void
  close(): Promise<void>
}

/** @throws CountersignError `invalid_config` when this computer lets nobody listen there */
export async function openLoopback(): Promise<Loopback> {
  let app: Pick<Hono, 'fetch'> = { fetch: () => new Response('not yet\n', { status: 503 }) }
  const serverOptions = {
    headersTimeout: REQUEST_MS,
    requestTimeout: REQUEST_MS,
    connectionsCheckingInterval: 1_000,
    maxHeaderSize: 16_384,
  }
  // Without http2 options the adaptor makes a plain server.
  const server = createAdaptorServer({ fetch: (request) => app.fetch(request), serverOptions }) as Server
  server.maxConnections = MAX_CONNECTIONS
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(new CountersignError('invalid_config', 'cannot listen on 127.0.0.1', { cause })))
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    // A server that listens on a port has an address of this form.
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    open: (opened) => {
      app = opened
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}
