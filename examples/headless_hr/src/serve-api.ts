import { once } from 'node:events'
import { serve } from '@hono/node-server'
import type { Hono } from 'hono'
import type { Protected } from './protect.ts'

/** An API that listens on this computer. */
export interface ServedApi {
  readonly url: string
  stop(): Promise<void>
}

/** Serves an API on 127.0.0.1. @param port 0 takes a free one */
export async function serveApi(app: Hono<Protected>, port: number): Promise<ServedApi> {
  app.notFound((context) => context.json({ error: 'not_found' }, 404))
  // Whatever went wrong inside is nobody's business; the authorization server may be away.
  app.onError((_error, context) => context.json({ error: 'temporarily_unavailable' }, 503))
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port })
  await once(server, 'listening')
  const address = server.address()
  const stop = async (): Promise<void> => {
    const closed = once(server, 'close')
    server.close()
    if ('closeAllConnections' in server) server.closeAllConnections()
    await closed
  }
  return { url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}`, stop }
}
