import type { Me } from '@countersign/core'
import { Hono } from 'hono'
import { type RouteDeps, visitorOf } from './route-deps.ts'

/** `GET /api/me`: who this session is and what it is connected to. Never a token. */
export function meRoute(deps: RouteDeps): Hono {
  const app = new Hono()
  app.get('/api/me', async (context) => {
    const { principal } = await visitorOf(context, deps)
    const rows = await deps.store.transact('connections', (transaction) => transaction.find('credentials', { principalId: principal.id }))
    const { agent, workflow, providers } = deps.built
    const now = deps.runtime.now()
    const me: Me = {
      principal: { id: principal.id, kind: principal.kind, ...(principal.name !== undefined && { name: principal.name }) },
      workflow: {
        name: agent.title ?? 'Countersign',
        ...(agent.description !== undefined && { description: agent.description }),
        examples:
          agent.examples.length > 0 ? agent.examples : workflow.toolDescriptions.flatMap((tool) => tool.examples?.slice(0, 1) ?? []),
      },
      connections: rows
        .filter((row) => row.refreshable === 1 || row.expiresAt === null || row.expiresAt > now)
        .map(({ provider, scopes, expiresAt, refreshable }) => {
          const host = providers.get(provider)?.host ?? provider
          return { provider, host, scopes, expiresAt: refreshable === 1 ? null : expiresAt }
        }),
    }
    context.header('cache-control', 'no-store')
    return context.json(me)
  })
  return app
}
