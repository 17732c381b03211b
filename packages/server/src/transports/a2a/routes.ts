import type { Visitor } from '@countersign/core'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import secureJson from 'secure-json-parse'
import { type A2aSection, isLoopback } from '../../config/a2a-schema.ts'
import { bearerVisitor } from '../../identity/bearer-door.ts'
import { RateWindow } from '../../rate-window.ts'
import type { RouteDeps } from '../../routes/route-deps.ts'
import { isDeep } from '../parse-client-frame.ts'
import { SocketPlaces } from '../socket-places.ts'
import type { Agent } from './agent.ts'
import { eventStream } from './event-stream.ts'
import { A2A_PATH, CARD_PATH } from './paths.ts'

/** How many requests of any kind a client may make for each message that it may send. */
const REQUESTS_PER_MESSAGE = 10
const WINDOW_MS = 10_000

/** How much of the time that an answer may take a request waits that waits: the rest is for the answer itself. */
const WAITING_SHARE = 0.75
/** Timers take no more, milliseconds; a token that lives longer than that ends with its stream. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The caller of a server that asks nobody for a token: a program on this computer. */
const LOCAL: Visitor = { principal: { id: 'service:local', kind: 'service', roles: [] }, sessionId: null }

/** The doors of the agent: its public card, and the one address where it is asked. The protocol's library is loaded when somebody comes. */
export function a2aRoutes(deps: RouteDeps, section: A2aSection): Hono {
  const app = new Hono()
  const agent = once(async () => {
    const { Agent: Opened } = await import('./agent.ts')
    return new Opened(deps, section)
  })
  const places = new SocketPlaces({ ...deps.limits, max_sockets_per_session: section.max_streams_per_client })
  const limit = REQUESTS_PER_MESSAGE * deps.limits.max_messages_per_10_seconds
  const rate = new RateWindow(deps.runtime, { limit, windowMs: WINDOW_MS })
  if (!section.server_auth) for (const path of [A2A_PATH, CARD_PATH]) app.use(path, onThisComputer(deps.publicOrigin))
  app.get(CARD_PATH, async (context) => cardAnswer(context, await agent()))
  app.post(A2A_PATH, async (context) => {
    if (deps.operation.isDraining) return refused(context, 503, 'temporarily_unavailable')
    const opened = await agent()
    const visitor = opened.tokens ? await bearerVisitor(context, opened.tokens, deps.runtime) : { ...LOCAL, expiresAt: Infinity }
    if (visitor instanceof Response) return visitor
    if (!isJson(context)) return refused(context, 415, 'unsupported_media_type')
    if (rate.spend(visitor.principal.id) !== 'within') return refused(context, 429, 'too_many_requests')
    const leave = places.take(visitor.principal.id)
    if (!leave) return refused(context, 429, 'too_many_requests')
    return deps.operation.watch(answered(context, { deps, agent: opened, visitor, leave }))
  })
  return app
}

interface Asked {
  readonly deps: RouteDeps
  readonly agent: Agent
  readonly visitor: Visitor & { readonly expiresAt: number }
  /** Gives its place back. */
  readonly leave: () => void
}

/** Whoever waits or reads is let go when its token ends, when it goes away, and when the server stops: the task goes on without it. */
async function answered(context: Context, { deps, agent, visitor, leave }: Asked): Promise<Response> {
  const { runtime, limits, operation } = deps
  const gone = new AbortController()
  const late = new AbortController()
  const stopTimers = [
    runtime.timer(Math.min(Math.max(visitor.expiresAt - runtime.now(), 0), LONGEST_TIMER_MS), () => gone.abort()),
    runtime.timer(limits.answer_timeout_seconds * 1_000 * WAITING_SHARE, () => late.abort()),
  ]
  const end = (): void => {
    for (const stop of stopTimers) stop()
    gone.abort()
    leave()
  }
  const signal = AbortSignal.any([gone.signal, operation.draining, context.req.raw.signal])
  const caller = { visitor, signal, waiting: AbortSignal.any([signal, late.signal]) }
  try {
    const body = parsed(await context.req.text())
    if (body === undefined) return parseError(context, end)
    const version = context.req.header('a2a-version') ?? context.req.query('A2A-Version') ?? ''
    const answer = await agent.answer({ body, version }, caller)
    if (Symbol.asyncIterator in answer) return eventStream(answer, { runtime, beatMs: limits.heartbeat_seconds * 1_000, end })
    end()
    return context.json(answer)
  } catch (error) {
    end()
    throw error
  }
}

function parseError(context: Context, end: () => void): Response {
  end()
  return context.json({ jsonrpc: '2.0', id: null, error: { code: -32_700, message: 'The body is not JSON that can be read.' } })
}

async function cardAnswer(context: Context, agent: Agent): Promise<Response> {
  const text = JSON.stringify(await agent.card())
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  const tag = `"${Buffer.from(digest).toString('base64url').slice(0, 22)}"`
  context.header('etag', tag)
  if (context.req.header('if-none-match') === tag) return context.body(null, 304)
  return context.body(text, 200, { 'content-type': 'application/json' })
}

/** A page that a browser here has open may send anything anywhere: whoever asks no token at least knows its own name, and that no page sends. */
function onThisComputer(publicOrigin: string): MiddlewareHandler {
  return async (context, next) => {
    const origin = context.req.header('origin')
    const host = context.req.header('host') ?? ''
    const isHere = URL.canParse(`http://${host}`) && isLoopback(new URL(`http://${host}`).hostname)
    if (isHere && (origin === undefined || origin === publicOrigin)) return next()
    return refused(context, isHere ? 403 : 421, isHere ? 'forbidden' : 'misdirected_request')
  }
}

function refused(context: Context, status: 403 | 415 | 421 | 429 | 503, error: string): Response {
  if (status === 429 || status === 503) context.header('retry-after', '10')
  return context.json({ error }, status)
}

function isJson(context: Context): boolean {
  const [type = ''] = (context.req.header('content-type') ?? '').split(';')
  return /^application\/(?:a2a\+)?json$/i.test(type.trim())
}

function parsed(text: string): unknown {
  return isDeep(text) ? undefined : (secureJson.safeParse(text) ?? undefined)
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}
