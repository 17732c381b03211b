import type { Runs, Runtime, Store } from '@countersign/core'
import type { DrainingMessage } from '@countersign/core/protocol'
import type { WebSocketServer } from 'ws'
import type { InstanceAudit } from './audit/instance-audit.ts'
import type { Listening } from './listen.ts'
import type { Operation } from './operation.ts'
import { SUBPROTOCOL } from './transports/websocket.ts'

/** How long what is under way may take to end, milliseconds: with what comes after it, within the ten seconds that supervisors give. */
const GRACE_MS = 8_000
/** How long clients may take to close their side, milliseconds: longer than any that listens. */
const GOODBYE_MS = 1_000

/** What of a running server has to end, and how. */
export interface Running {
  readonly runtime: Runtime
  readonly operation: Operation
  readonly listening: Listening
  readonly sockets: WebSocketServer
  readonly runs: Runs
  readonly audit: InstanceAudit
  readonly store: Store
  readonly stopScheduler: () => Promise<void>
}

/**
 * Stops a server so that nothing is lost: it takes nothing new from this moment on and says so, clients are told to come back, callbacks and tools that are under
 * way may end, and what does not end in time is found by the next start. The store closes last.
 */
export async function drain({ runtime, operation, listening, sockets, runs, audit, store, stopScheduler }: Running): Promise<void> {
  const beganAt = runtime.now()
  operation.drain()
  runtime.log.info('the server stops', { runs: runs.heldCount, requests: operation.requests, sockets: sockets.clients.size })
  const lastLook = stopScheduler()
  const [runsLeft, requestsEnded] = await Promise.all([
    runs.stop(GRACE_MS),
    within(runtime, GRACE_MS, operation.requestsEnded()),
    within(runtime, GOODBYE_MS, sayGoodbye(sockets)),
    within(runtime, GRACE_MS, lastLook),
  ])
  if (runsLeft > 0) runtime.log.warn('runs did not end in time; the next start goes on with them', { runs: runsLeft })
  if (!requestsEnded) runtime.log.warn('requests did not end in time', { requests: operation.requests })
  for (const socket of sockets.clients) socket.terminate()
  // The last answers are still on their way.
  await within(runtime, GOODBYE_MS, listening.refuse())
  listening.close()
  await within(runtime, GOODBYE_MS, audit.close())
  await store.close()
  runtime.log.info('the server has stopped', { ms: runtime.now() - beganAt })
}

/** @returns a promise that resolves when all sockets are closed */
async function sayGoodbye({ clients }: WebSocketServer): Promise<void> {
  const closed = [...clients].map((socket) => new Promise((resolve) => socket.once('close', resolve)))
  for (const socket of clients) {
    if (socket.protocol === SUBPROTOCOL) socket.send(JSON.stringify({ type: 'draining_message' } satisfies DrainingMessage))
    socket.close(1012, 'the server restarts')
  }
  await Promise.all(closed)
}

/** @returns whether the work ended in time */
async function within(runtime: Pick<Runtime, 'timer'>, ms: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const stop = runtime.timer(ms, () => resolve(false))
    work.then(() => resolve(true), reject).finally(stop)
  })
}
