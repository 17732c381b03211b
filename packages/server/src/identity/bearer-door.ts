import { errorFacts, isCountersignError, type Runtime, type Visitor } from '@countersign/core'
import type { Context } from 'hono'
import type { BearerTokens } from './bearer-tokens.ts'

/** Who has come with a token, and until when it counts, epoch milliseconds. */
export interface BearerVisitor extends Visitor {
  readonly expiresAt: number
}

/** Why a request does not get in (RFC 6750 §3.1); without an error where no token was brought. */
type Challenge =
  | { readonly status: 401; readonly error?: 'invalid_token' }
  | { readonly status: 403; readonly error: 'insufficient_scope'; readonly scope: string }

/** Who asks, by the token of this very request, or the answer that lets nobody in. It never says what was wrong with a token. */
export async function bearerVisitor(
  context: Context,
  tokens: BearerTokens,
  { log }: Pick<Runtime, 'log'>,
): Promise<BearerVisitor | Response> {
  const [, token] = /^Bearer ([\w\-.~+/]+=*)$/i.exec(context.req.header('authorization') ?? '') ?? []
  if (token === undefined) return challenged(context, { status: 401 })
  try {
    const { principal, expiresAt, scopes } = await tokens.verify(token)
    const required = tokens.requiredScopes
    if (!required.every((scope) => scopes.includes(scope)))
      return challenged(context, { status: 403, error: 'insufficient_scope', scope: required.join(' ') })
    return { principal, sessionId: null, expiresAt }
  } catch (error) {
    if (!isCountersignError(error, 'invalid_token')) log.error('token could not be checked', errorFacts(error))
    if (!isCountersignError(error)) throw error
    log.debug('token refused', errorFacts(error))
    return error.code === 'invalid_token' ? challenged(context, { status: 401, error: 'invalid_token' }) : unavailable(context)
  }
}

/** A JSON body whatever was asked for: who wanted a stream gets an error that it can read. */
function challenged(context: Context, { status, ...parameters }: Challenge): Response {
  const words = Object.entries(parameters).map(([name, value]) => `${name}="${value}"`)
  context.header('www-authenticate', ['Bearer', words.join(', ')].filter((part) => part !== '').join(' '))
  return context.json({ error: parameters.error ?? 'unauthorized' }, status)
}

/** Whoever issues the tokens is away: nothing is known against this one. */
function unavailable(context: Context): Response {
  context.header('retry-after', '5')
  return context.json({ error: 'temporarily_unavailable' }, 503)
}
