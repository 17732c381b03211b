import type { Me } from '@countersign/core'
import { Hono } from 'hono'
import { type RouteDeps, visitorOf } from './route-deps.ts'

/** `GET /api/me`: who this session is and what it is connected to. Never a token. */
export function meRoute(deps: RouteDeps): Hono {
  const { agent, workflow, providers } = deps.built
  const { signIn } = deps
  return new Hono().get('/api/me', async (context) => {
    const { principal } = await visitorOf(context, deps)
    const connections = await deps.connections.list(principal)
    const me: Me = {
      principal: { id: principal.id, kind: principal.kind, ...(principal.name !== undefined && { name: principal.name }) },
      ...(signIn && { signIn: { host: signIn.host, required: signIn.isRequired } }),
      workflow: {
        name: agent.title ?? 'Countersign',
        ...(agent.description !== undefined && { description: agent.description }),
        examples:
          agent.examples.length > 0 ? agent.examples : workflow.toolDescriptions.flatMap((tool) => tool.examples?.slice(0, 1) ?? []),
      },
      connections: connections.map(({ id, provider, scopes, connectedAt, expiresAt, isRenewable }) => {
        const host = providers.get(provider)?.host ?? provider
        return { id, provider, host, scopes, connectedAt, expiresAt: isRenewable ? null : expiresAt }
      }),
    }
    return context.json(me)
  })
}
