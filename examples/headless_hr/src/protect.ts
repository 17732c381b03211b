import type { Context, MiddlewareHandler } from 'hono'
import { accessTokens, type Claims, type Trust } from './access-token.ts'

/** What a protected route knows besides its request. */
export interface Protected {
  Variables: { claims: Claims }
}

/** Lets in who has an access token for this API and with this scope; everybody else is told what is missing (RFC 6750 §3). */
export function protect(trust: Trust, scope: string): MiddlewareHandler<Protected> {
  const claimsOf = accessTokens(trust)
  return async (context, next) => {
    const { authorization } = context.req.header()
    if (authorization === undefined || !/^bearer(?: |$)/i.test(authorization))
      return refuse(context, { status: 401, parameters: { realm: trust.audience } })
    const [, token] = /^bearer +([\w.~+/-]+=*)$/i.exec(authorization) ?? []
    if (token === undefined) return refuse(context, { status: 400, parameters: { error: 'invalid_request' } })
    const claims = await claimsOf(token)
    if (claims === undefined) return refuse(context, { status: 401, parameters: { error: 'invalid_token' } })
    if (!claims.scopes.includes(scope)) return refuse(context, { status: 403, parameters: { error: 'insufficient_scope', scope } })
    context.set('claims', claims)
    return next()
  }
}

interface Refusal {
  readonly status: 400 | 401 | 403
  readonly parameters: Readonly<Record<string, string>>
}

/** Who brought no token is told no error code (RFC 6750 §3.1). */
function refuse(context: Context, { status, parameters }: Refusal): Response {
  const challenge = Object.entries(parameters).map(([name, value]) => `${name}="${value}"`)
  return context.json({ error: parameters['error'] ?? 'unauthorized' }, status, { 'WWW-Authenticate': `Bearer ${challenge.join(', ')}` })
}
