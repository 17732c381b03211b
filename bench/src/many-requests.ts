import { once } from 'node:events'
import { type Socket, connect } from 'node:net'

/** How long all requests may take, milliseconds. */
const DEADLINE_MS = 20_000

/**
 * Sends the same request over some connections, on each the next as soon as the last is answered. Written on the socket itself: a client
 * that made requests and responses of it would be busier than the server.
 * @returns answers per second
 */
export async function requestRate(
  address: string,
  { path, cookie, connections, requests }: { path: string; cookie: string; connections: number; requests: number },
): Promise<number> {
  const { hostname, port, host } = new URL(address)
  const text = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\n\r\n`
  const sockets = await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect(Number(port), hostname)
      await once(socket, 'connect', { signal: AbortSignal.timeout(DEADLINE_MS) })
      return socket
    }),
  )
  const startedAt = performance.now()
  await Promise.all(sockets.map((socket) => answers(socket, text, requests / connections)))
  const elapsedMs = performance.now() - startedAt
  for (const socket of sockets) socket.destroy()
  return (requests * 1000) / elapsedMs
}

/** Resolves after `count` answers with status 200. */
function answers(socket: Socket, request: string, count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = count
    let received = ''
    socket.once('error', reject)
    socket.once('close', () => reject(new Error(`the server closed a connection; it last said: ${received.slice(0, 200)}`)))
    socket.setTimeout(DEADLINE_MS, () => reject(new Error('no answer in time')))
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1')
      if (!isWhole(received)) return
      if (!received.startsWith('HTTP/1.1 200 ')) return reject(new Error(`unexpected answer: ${received.slice(0, 200)}`))
      received = ''
      left -= 1
      if (left === 0) resolve()
      else socket.write(request)
    })
    socket.write(request)
  })
}

function isWhole(answer: string): boolean {
  const end = answer.indexOf('\r\n\r\n')
  if (end < 0) return false
  const length = /\r\ncontent-length: (\d+)/i.exec(answer.slice(0, end))?.[1]
  if (length === undefined) throw new Error(`an answer without a length: ${answer.slice(0, 200)}`)
  return answer.length >= end + 4 + Number(length)
}
