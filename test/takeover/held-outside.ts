import { once } from 'node:events'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** A request that something be done, which is answered when a test says so. */
export interface HeldRequest {
  readonly tool: string
  readonly key: string
  /** Who asks. */
  readonly pid: number
  answer(): void
}

/** The world outside of the servers. */
export interface HeldOutside {
  readonly url: string
  /** All requests, in the order in which they came. */
  readonly requests: readonly HeldRequest[]
  /** The request of a tool, counted from 1, once it has come. */
  request(tool: string, number?: number): Promise<HeldRequest>
  stop(): Promise<void>
}

export async function openHeldOutside(): Promise<HeldOutside> {
  const requests: HeldRequest[] = []
  const watchers = new Set<() => void>()
  const take = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const asked = JSON.parse(await text(incoming)) as Omit<HeldRequest, 'answer'> // written by our own tools
    const answer = (): void => void response.end(JSON.stringify({ by: asked.pid }))
    requests.push({ ...asked, answer })
    for (const look of watchers) look()
  }
  // Who dies in the middle of asking has asked nothing.
  const server = createServer((incoming, response) => void take(incoming, response).catch(() => response.destroy()))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    requests,
    request: (tool, number = 1) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = requests.filter((each) => each.tool === tool)[number - 1]
          if (!found) return
          watchers.delete(look)
          resolve(found)
        }
        watchers.add(look)
        look()
      }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
