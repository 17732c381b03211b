import type { JsonObject, JsonValue } from '@countersign/core'

/** What a measured program is told as it is started, in its one argument. */
export function argument(): JsonObject {
  return JSON.parse(process.argv[2] ?? '{}') as JsonObject // written by `withPrograms`
}

/** What a program answers when it is asked. */
export type Answers = Readonly<Record<string, () => JsonValue>>

/** Tells the parent where this program listens, answers its questions, and ends with it. */
export function tellParent(address: string, answers: Answers = {}): void {
  const usage = (): JsonObject => {
    const { user, system } = process.cpuUsage()
    return { processorMs: (user + system) / 1000, rss: process.memoryUsage.rss() }
  }
  const all: Answers = { usage, memory, ...answers }
  process.on('message', (question: string) => process.send?.({ answer: all[question]?.() ?? null }))
  process.on('disconnect', () => process.exit(0))
  process.send?.({ address })
}

/** What is left once everything unused has been collected, bytes: see `Memory`. */
function memory(): JsonObject {
  if (!globalThis.gc) throw new Error('memory is measured with --expose-gc')
  // What the first collection only marks for finalizing, the second takes.
  globalThis.gc()
  globalThis.gc()
  const { rss, heapUsed, external } = process.memoryUsage()
  return { rss, heap: heapUsed + external }
}
