import { sha256 } from '@noble/hashes/sha2.js'
import type { Log, LogFacts } from '../runtime/log.ts'
import type { Fetch, Runtime } from '../runtime/runtime.ts'

/** A world without clocks: time passes only by `advance`, ids and randomness repeat, nothing leaves the process. */
export interface VirtualRuntime extends Runtime {
  /** Lets `ms` pass: runs every timer that falls due, in order of time, and lets promises settle in between. */
  advance(ms: number): Promise<void>
  /** When the next timer is due, epoch ms, or undefined. */
  nextTimerAt(): number | undefined
  /** All log lines so far. */
  readonly logged: readonly { readonly level: keyof Log; readonly message: string; readonly facts: LogFacts }[]
}

interface Timer {
  readonly at: number
  readonly work: () => void
}

/** @param options `startAt` epoch ms; `fetch` what answers requests (default: everything fails); `prefix` of the ids */
export function virtualRuntime(options: { startAt?: number; fetch?: Fetch; prefix?: string } = {}): VirtualRuntime {
  let now = options.startAt ?? Date.UTC(2026, 0, 1)
  let count = 0
  const timers = new Set<Timer>()
  const logged: { level: keyof Log; message: string; facts: LogFacts }[] = []
  const write =
    (level: keyof Log) =>
    (message: string, facts: LogFacts = {}): void => {
      logged.push({ level, message, facts })
    }
  const timer = (delayMs: number, work: () => void): (() => void) => {
    const entry = { at: now + Math.max(0, delayMs), work }
    timers.add(entry)
    return () => timers.delete(entry)
  }
  const next = (): Timer | undefined => [...timers].toSorted((left, right) => left.at - right.at)[0]
  return {
    now: () => now,
    timer,
    sleep: (delayMs, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const stop = timer(delayMs, resolve)
        signal?.addEventListener('abort', () => (stop(), reject(signal.reason)), { once: true })
      }),
    id: () => `${options.prefix ?? 'id'}-${(count += 1)}`,
    randomBytes: (length) => Uint8Array.from({ length }, (_, index) => (index * 37 + (count += 1)) % 256),
    sha256: (data) => sha256(data),
    fetch: options.fetch ?? (() => Promise.reject(new TypeError('fetch failed: this world has no network'))),
    log: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    logged,
    nextTimerAt: () => next()?.at,
    async advance(ms) {
      const until = now + ms
      for (let due = next(); due && due.at <= until; due = next()) {
        timers.delete(due)
        now = Math.max(now, due.at)
        due.work()
        await settled()
      }
      now = until
      await settled()
    },
  }
}

/** Lets everything that waits only on promises go as far as it can. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    const channel = new MessageChannel()
    let rounds = 0
    channel.port1.onmessage = () => {
      rounds += 1
      if (rounds < 3) return channel.port2.postMessage(null)
      channel.port1.close()
      resolve()
    }
    channel.port2.postMessage(null)
  })
}
