import { upgradeWebSocket } from '@hono/node-server'
import type { Subprotocol } from '@countersign/core/protocol'
import type { Visitor } from '@countersign/core'
import { Hono } from 'hono'
import { type WebSocket, WebSocketServer } from 'ws'
import { type RouteDeps, visitorOf } from '../routes/route-deps.ts'
import { Outbox } from './outbox.ts'
import { MAX_PAYLOAD_BYTES } from './parse-client-frame.ts'
import { SocketSession } from './socket-session.ts'

/** Clients that offer it get run events; all others are NAT's. */
export const SUBPROTOCOL: Subprotocol = 'countersign.v1'
/** How often a socket must show that it is alive, milliseconds. Three misses make a dead peer: it is found within 45 s. */
const HEARTBEAT_MS = 15_000
/** How many sockets one session may hold open: tabs are few, floods are not. */
const MAX_SOCKETS_PER_SESSION = 8

/** The one WebSocket server; frames above its bound close the socket with 1009. */
export function createSocketServer(): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    maxPayload: MAX_PAYLOAD_BYTES,
    perMessageDeflate: false,
    clientTracking: true,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  })
}

/** The WebSocket door: an allowed origin, a session, then frames. */
export function websocketRoute(deps: RouteDeps, path: string): Hono<{ Variables: { visitor: Visitor } }> {
  const app = new Hono<{ Variables: { visitor: Visitor } }>()
  const open = new Map<string, number>()
  const count = (sessionId: string, change: number): number => {
    const next = (open.get(sessionId) ?? 0) + change
    if (next > 0) open.set(sessionId, next)
    else open.delete(sessionId)
    return next
  }
  app.get(
    path,
    async (context, next) => {
      if (deps.isDraining()) return context.text('the server is about to stop\n', 503)
      const origin = context.req.header('origin')
      if (origin !== deps.publicOrigin && !deps.allowedOrigins.includes(origin ?? '')) {
        deps.runtime.log.warn('socket refused', { origin: origin ?? 'none' })
        return context.text('this origin may not open the socket; add it to general.front_end.cors.allow_origins\n', 403)
      }
      if (!isConversationId(context.req.query('conversation_id'))) return context.text('conversation_id must be 1 to 200 characters\n', 400)
      // Before the upgrade, so that a new session's cookie goes out with its answer.
      context.set('visitor', await visitorOf(context, deps))
      return next()
    },
    upgradeWebSocket((context) => {
      // Put there by the step before.
      const visitor = context.get('visitor') as unknown as Visitor
      const sessionId = visitor.sessionId ?? visitor.principal.id
      const conversationId = context.req.query('conversation_id')
      const lastSeq = Number.parseInt(context.req.query('last_seq') ?? '0', 10)
      let session: SocketSession | undefined
      let stopHeartbeat = (): void => undefined
      return {
        onOpen(_event, socket) {
          // Hono types the raw socket as unknown; on Node it is that of ws.
          const raw = socket.raw as WebSocket
          if (count(sessionId, 1) > MAX_SOCKETS_PER_SESSION) return raw.close(1008, 'too many sockets')
          stopHeartbeat = heartbeat(raw, deps)
          const isOurs = raw.protocol === SUBPROTOCOL
          session = new SocketSession(deps, {
            visitor,
            outbox: new Outbox(raw),
            isOurs,
            conversationId,
            lastSeq: Number.isSafeInteger(lastSeq) && lastSeq > 0 ? lastSeq : 0,
          })
        },
        onMessage({ data }: { readonly data: unknown }) {
          session?.receive(data)
        },
        onClose() {
          count(sessionId, -1)
          stopHeartbeat()
          session?.close()
        },
      }
    }),
  )
  return app
}

/** Pings; a socket that missed three is gone. */
function heartbeat(socket: WebSocket, { runtime }: RouteDeps): () => void {
  let missed = 0
  let stopTimer = (): void => undefined
  socket.on('pong', () => {
    missed = 0
  })
  const beat = (): void => {
    missed += 1
    if (missed > 3) return socket.terminate()
    socket.ping()
    stopTimer = runtime.timer(HEARTBEAT_MS, beat)
  }
  stopTimer = runtime.timer(HEARTBEAT_MS, beat)
  return () => stopTimer()
}

function isConversationId(id: string | undefined): boolean {
  return id === undefined || /^[\x21-\x7e]{1,200}$/.test(id)
}
