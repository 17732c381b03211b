import type { JsonObject, JsonValue } from '@countersign/core'

/** What a measured program is told as it is started, in its one argument. */
export function argument(): JsonObject {
  return JSON.parse(process.argv[2] ?? '{}') as JsonObject // written by `startProgram`
}

/** What a program answers when it is asked. */
export type Answers = Readonly<Record<string, () => JsonValue | Promise<JsonValue>>>

/** Tells the parent where this program listens, answers its questions, and ends with it. */
export function tellParent(address: string, answers: Answers = {}): void {
  const all: Answers = {
    /** Processor time so far in milliseconds, and memory in bytes. */
    usage: () => {
      const { user, system } = process.cpuUsage()
      return { processorMs: (user + system) / 1000, rss: process.memoryUsage.rss() }
    },
    ...answers,
  }
  process.on('message', (question: string) => {
    void (async () => process.send?.({ answer: (await all[question]?.()) ?? null }))()
  })
  process.on('disconnect', () => process.exit(0))
  process.send?.({ address })
}
