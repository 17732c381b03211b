import type { Runtime } from '@countersign/core'
import type { WebSocket } from 'ws'

/** How many beats may pass without a sign of life: the third one ends the socket. */
const SILENT_BEATS = 3

/** Pings a socket in regular beats, and ends it when its peer has shown no sign of life for three of them. @returns a function that stops it */
export function keepAlive(socket: WebSocket, runtime: Pick<Runtime, 'timer'>, beatMs: number): () => void {
  let silent = 0
  const live = (): void => {
    silent = 0
  }
  socket.on('pong', live)
  socket.on('message', live)
  const beat = (): void => {
    silent += 1
    if (silent >= SILENT_BEATS) return socket.terminate()
    socket.ping()
    stopTimer = runtime.timer(beatMs, beat)
  }
  let stopTimer = runtime.timer(beatMs, beat)
  return () => stopTimer()
}
