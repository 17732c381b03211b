import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { WebSocket, WebSocketServer } from 'ws'

/** What a route does with a connection that it takes as a WebSocket. */
export interface Admission {
  /** The handshake is over. */
  open(socket: WebSocket): void
  /** The handshake came to nothing. */
  abandon(): void
}

/** What a route is given with a request that asks for an upgrade. What it admits becomes a socket, and the headers of its answer go along. */
export interface UpgradeEnv {
  readonly incoming: IncomingMessage
  readonly admit: (admission: Admission) => void
}

/** Who answers, and where sockets belong. */
export interface UpgradeParts {
  readonly sockets: WebSocketServer
  readonly fetch: (request: Request, env: UpgradeEnv) => Response | Promise<Response>
  /** The connection is a socket from now on. */
  readonly onAdmitted: (connection: Socket) => void
}

/**
 * Takes the upgrades of a server. One that no route admits is answered like any other request, as RFC 9110 §7.8 has it, and its connection ends: Node
 * watches over it no more.
 */
export function takeUpgrades(server: Server, parts: UpgradeParts): void {
  server.on('upgrade', (incoming, connection, head) => {
    // Node has taken its own listener away, and an error that nobody hears ends the process.
    connection.on('error', () => connection.destroy())
    void upgrade({ incoming, connection, head }, parts)
  })
}

interface Asked {
  readonly incoming: IncomingMessage
  readonly connection: Duplex
  readonly head: Buffer
}

async function upgrade(asked: Asked, parts: UpgradeParts): Promise<void> {
  const { response, admission } = await answer(asked.incoming, parts)
  if (admission === undefined) return end(asked.connection, response)
  if (!shakeHands(asked, { response, admission }, parts)) admission.abandon()
}

interface Answer {
  readonly response: Response
  readonly admission?: Admission
}

async function answer(incoming: IncomingMessage, { fetch }: UpgradeParts): Promise<Answer> {
  const request = requestOf(incoming)
  if (request === undefined) return { response: new Response('this is not a request\n', { status: 400 }) }
  const admitted: Admission[] = []
  try {
    const response = await fetch(request, { incoming, admit: (admission) => void admitted.push(admission) })
    return { response, ...(admitted[0] && { admission: admitted[0] }) }
  } catch {
    // The routes log what goes wrong in them; a socket that was promised meanwhile does not come.
    admitted[0]?.abandon()
    return { response: new Response('the server could not do this now\n', { status: 500 }) }
  }
}

/** The request without a body: what follows its headers is no longer HTTP. Undefined for what no request can be made of. */
function requestOf({ url = '', method = '', headers }: IncomingMessage): Request | undefined {
  const entries = Object.entries(headers).map(([name, value]): [string, string] => [name, [value].flat().join(', ')])
  try {
    return url.startsWith('/') ? new Request(`http://${headers.host ?? ''}${url}`, { method, headers: entries }) : undefined
  } catch {
    return undefined
  }
}

/** @returns whether there is a socket now; all of it happens within the call, and what ws refuses it answers itself */
function shakeHands({ incoming, connection, head }: Asked, { response, admission }: Required<Answer>, parts: UpgradeParts): boolean {
  const addHeaders = (lines: string[]): void => {
    for (const [name, value] of response.headers) if (!name.startsWith('content-')) lines.push(`${name}: ${value}`)
  }
  let isOpen = false
  parts.sockets.once('headers', addHeaders)
  parts.sockets.handleUpgrade(incoming, connection, head, (socket) => {
    isOpen = true
    parts.onAdmitted(incoming.socket)
    admission.open(socket)
  })
  parts.sockets.off('headers', addHeaders)
  return isOpen
}

/** Writes the answer and lets go of the connection: a client that never closes its side would hold it. */
async function end(connection: Duplex, response: Response): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer())
  const headers = new Headers(response.headers)
  headers.set('content-length', String(body.length))
  headers.set('connection', 'close')
  const lines = [`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ''}`, ...[...headers].map((entry) => entry.join(': '))]
  connection.once('finish', () => connection.destroy())
  connection.end(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]))
}
