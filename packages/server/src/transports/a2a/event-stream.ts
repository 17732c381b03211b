import type { Runtime } from '@countersign/core'

/** How a stream is kept, and how it ends. */
export interface StreamOptions {
  readonly runtime: Pick<Runtime, 'timer'>
  /** How often something is sent while there is no news, milliseconds: a silent connection is cut by what stands between. */
  readonly beatMs: number
  /** Called once, when nothing is sent any more. */
  readonly end: () => void
}

/** Events as a stream that a client reads at its own pace: the next is asked for when the last has gone. */
export function eventStream(events: AsyncGenerator<object, void, undefined>, { runtime, beatMs, end }: StreamOptions): Response {
  const encoder = new TextEncoder()
  let stopBeat = (): void => undefined
  let isOver = false
  const finish = (): void => {
    if (isOver) return
    isOver = true
    stopBeat()
    end()
  }
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const beat = (): void => {
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(encoder.encode(':\n\n'))
        stopBeat = runtime.timer(beatMs, beat)
      }
      stopBeat = runtime.timer(beatMs, beat)
    },
    async pull(controller) {
      const next = await events.next()
      if (isOver) return
      if (next.done !== true) return controller.enqueue(encoder.encode(`data: ${JSON.stringify(next.value)}\n\n`))
      finish()
      controller.close()
    },
    cancel() {
      finish()
      // Held back at its last event it would never come to its end, and go on listening.
      void events.return().catch(() => undefined)
    },
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' } })
}
