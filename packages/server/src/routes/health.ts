import { Hono } from 'hono'
import type { RouteDeps } from './route-deps.ts'

/** `GET /health`: 200 while the server takes work and its database answers, else 503. */
export function healthRoute({ store, isDraining }: Pick<RouteDeps, 'store' | 'isDraining'>): Hono {
  const app = new Hono()
  app.get('/health', async (context) => {
    if (isDraining()) return context.json({ status: 'draining' }, 503)
    try {
      await store.transact('health', (transaction) => transaction.get('streams', { id: 'instance' }))
      return context.json({ status: 'healthy' })
    } catch {
      return context.json({ status: 'storage_unavailable' }, 503)
    }
  })
  return app
}
