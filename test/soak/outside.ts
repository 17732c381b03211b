import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Moments } from './moments.ts'

/** One request that something be done. */
export interface Deed {
  readonly tool: string
  readonly conversationId: string
  readonly callId: string
  /** The same key names the same deed: a repeated request for an idempotent one does nothing more. */
  readonly key: string
  readonly choice?: string
  /** Who asked. */
  readonly pid: number
  /** What it was told of it: its place in the list, from 1. */
  readonly receipt: number
}

/** The world outside the servers: whatever it was asked to do is written down, and stays so whoever dies. */
export interface Outside {
  readonly url: string
  /** All requests, in the order in which they came. */
  readonly deeds: readonly Deed[]
  /** Resolves when this many requests of a tool have come, those before included. */
  arrivals(tool: string, count: number): Promise<void>
  stop(): Promise<void>
}

/** @param answerAfterMs how long a deed takes, once it is done, until who asked for it is told */
export async function openOutside(moments: Moments, answerAfterMs: () => number): Promise<Outside> {
  const deeds: Deed[] = []
  const watchers = new Set<() => void>()
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const deed = await deedOf(request)
    moments.pass('deed-arrives', deed.pid)
    const receipt = deeds.length + 1
    deeds.push({ ...deed, receipt })
    for (const look of watchers) look()
    setTimeout(() => {
      response.end(JSON.stringify({ receipt }))
      moments.pass('deed-answered', deed.pid)
    }, answerAfterMs())
  }
  const server = createServer((request, response) => {
    // Who asked has died in the middle of it: nothing was asked.
    answer(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/deeds`,
    deeds,
    arrivals: (tool, count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (deeds.filter((deed) => deed.tool === tool).length < count) return
          watchers.delete(look)
          resolve()
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

async function deedOf(request: IncomingMessage): Promise<Omit<Deed, 'receipt'>> {
  return JSON.parse(await text(request)) as Omit<Deed, 'receipt'> // written by our own tools
}
