import type { Visitor } from '@countersign/core'
import type { Subprotocol } from '@countersign/core/protocol'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws'
import type { Limits } from '../config/limits-schema.ts'
import { SESSION_LIFETIME_MS } from '../identity/sessions.ts'
import { RateWindow } from '../rate-window.ts'
import { type RouteDeps, visitorOf } from '../routes/route-deps.ts'
import { Bookmarks } from './bookmarks.ts'
import { keepAlive } from './heartbeat.ts'
import { OpenSockets } from './open-sockets.ts'
import { Outbox } from './outbox.ts'
import { SocketPlaces } from './socket-places.ts'
import { type SocketOpening, SocketSession } from './socket-session.ts'
import type { UpgradeEnv } from './upgrades.ts'

/** Clients that offer it get run events; all others are NAT's. */
export const SUBPROTOCOL: Subprotocol = 'countersign.v1'
/** When a client that found no place should come again, seconds. */
const RETRY_AFTER = '10'

type Env = { Bindings: Partial<UpgradeEnv> }

/** The one WebSocket server; frames above its bound close the socket with 1009. */
export function createSocketServer(limits: Limits): WebSocketServer {
  // The last two are newer than the types of ws.
  const options: ServerOptions & { readonly maxPendingAutoPongs: number; readonly closeTimeout: number } = {
    noServer: true,
    clientTracking: true,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    // A few bytes that unfold to many, and memory for each socket: neither is worth what it saves.
    perMessageDeflate: false,
    maxPayload: limits.max_payload_bytes,
    // What a frame may be cut into before it is whole: each piece costs more than its bytes, and browsers do not cut theirs.
    maxFragments: 1_024,
    maxBufferedChunks: 16_384,
    // Who asks for signs of life again and again, and reads none, is none.
    maxPendingAutoPongs: 10,
    closeTimeout: limits.close_timeout_seconds * 1_000,
  }
  return new WebSocketServer(options)
}

/** The WebSocket door: an allowed origin, a place, a session, then frames. */
export function websocketRoute(deps: RouteDeps, path: string): Hono<Env> {
  const places = new SocketPlaces(deps.limits)
  const bookmarks = new Bookmarks(() => deps.runtime.now())
  const budget = new RateWindow(deps.runtime, { limit: deps.limits.max_messages_per_10_seconds, windowMs: 10_000 })
  const open = new OpenSockets(deps)
  return new Hono<Env>().use(path, noteRefusals(deps)).get(path, async (context) => {
    const refused = refusal(context, deps, places)
    if (refused) return refused
    // Before the handshake, so that a new session's cookie goes out with its answer.
    const named = namedByNatUi(context, deps)
    if (named === 'malformed') return context.text('session must be 1 to 128 letters, digits or any of - _ . ~\n', 403)
    // A client that keeps no cookies has its session for as long as its socket.
    const visitor = named ?? (await visitorOf(context, deps, SESSION_LIFETIME_MS))
    const leave = places.take(placeOf(visitor))
    if (!leave) return context.text('this session has all the sockets that it may have\n', 429, { 'retry-after': RETRY_AFTER })
    const asked = {
      visitor,
      bookmarks,
      conversationId: context.req.query('conversation_id'),
      lastSeq: lastSeqOf(context),
      isNatUi: isNatUi(context, deps),
      inputTypes: context.req.query('input_types'),
    }
    context.env.admit?.({
      open: (socket) => {
        socket.once('close', leave)
        openSession(socket, asked, { deps, budget })
        open.add(placeOf(visitor), socket)
      },
      abandon: leave,
    })
    return context.body(null)
  })
}

/** One line for each that does not get in; a page elsewhere that tries is more than a client that comes too often. */
function noteRefusals({ runtime }: RouteDeps): MiddlewareHandler<Env> {
  return async (context, next) => {
    await next()
    const { status } = context.res
    if (status < 400) return
    const origin = context.req.header('origin')?.slice(0, 200) ?? 'none'
    runtime.log[status === 403 ? 'warn' : 'info']('socket refused', { status, origin })
  }
}

/** What needs no session to be refused costs none. */
function refusal(context: Context<Env>, deps: RouteDeps, places: SocketPlaces): Response | undefined {
  const { req } = context
  if (context.env.admit === undefined || req.header('upgrade')?.toLowerCase() !== 'websocket')
    return context.text('this is the address of a WebSocket\n', 426, { upgrade: 'websocket', connection: 'upgrade' })
  if (deps.operation.isDraining) return context.text('the server is about to stop\n', 503, { 'retry-after': RETRY_AFTER })
  const origin = req.header('origin')
  if (origin !== deps.publicOrigin && !deps.allowedOrigins.includes(origin ?? ''))
    return context.text('this origin may not open the socket; add it to general.front_end.cors.allow_origins\n', 403)
  if (!isConversationId(req.query('conversation_id'))) return context.text('conversation_id must be 1 to 200 characters\n', 400)
  if (places.isFull) return context.text('the server has all the sockets that it may have\n', 503, { 'retry-after': RETRY_AFTER })
  return undefined
}

/** The visitor that NAT's own UI names, where it may; a client that speaks our protocol is none of NAT's. */
function namedByNatUi(context: Context, { natSessions }: RouteDeps): Visitor | 'malformed' | undefined {
  const offered = context.req.header('sec-websocket-protocol')?.split(',') ?? []
  return offered.some((name) => name.trim() === SUBPROTOCOL) ? undefined : natSessions?.ofSocket(context)
}

/** NAT's own UI, as far as it can be told from other clients of NAT's: a page of another origin that names a session. */
function isNatUi({ req }: Context, { publicOrigin }: RouteDeps): boolean {
  return req.header('origin') !== publicOrigin && req.query('session') !== undefined
}

type Asked = Omit<SocketOpening, 'outbox' | 'isOurs'>

function openSession(socket: WebSocket, asked: Asked, { deps, budget }: { deps: RouteDeps; budget: RateWindow }): void {
  const { limits } = deps
  const outbox = new Outbox(socket, limits.max_unread_bytes)
  const session = new SocketSession(deps, { ...asked, outbox, isOurs: socket.protocol === SUBPROTOCOL })
  const stopHeartbeat = keepAlive(socket, deps.runtime, limits.heartbeat_seconds * 1_000)
  // Every sign a client gives costs us one: those of the protocol count as its words do.
  const spend = (): boolean => {
    const spending = budget.spend(placeOf(asked.visitor))
    if (spending === 'flood') socket.close(1008, 'too many messages')
    return spending === 'within'
  }
  socket.on('ping', spend)
  socket.on('pong', spend)
  socket.on('message', (data: Buffer, isBinary) => {
    // A socket that we have closed still brings what was under way.
    if (socket.readyState !== socket.OPEN) return
    if (spend()) session.receive(isBinary ? data : data.toString())
    else
      session.refuse(
        `Too many messages: ${limits.max_messages_per_10_seconds} in ten seconds are taken. Wait a little, and send this again.`,
      )
  })
  // What ws finds wrong it closes with its code; the close is all there is to know.
  socket.on('error', () => undefined)
  socket.once('close', (code) => {
    stopHeartbeat()
    session.close()
    deps.runtime.log.debug('socket closed', { session: placeOf(asked.visitor), status: code })
  })
}

function placeOf({ sessionId, principal }: Visitor): string {
  return sessionId ?? principal.id
}

function lastSeqOf({ req }: Context): number {
  const lastSeq = Number.parseInt(req.query('last_seq') ?? '0', 10)
  return Number.isSafeInteger(lastSeq) && lastSeq > 0 ? lastSeq : 0
}

function isConversationId(id: string | undefined): boolean {
  return id === undefined || /^[\x21-\x7e]{1,200}$/.test(id)
}
