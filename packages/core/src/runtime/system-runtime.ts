import { sha256 } from '@noble/hashes/sha2.js'
import { silentLog } from './log.ts'
import { orderedIds } from './ordered-id.ts'
import type { Runtime } from './runtime.ts'

/** The real world: system clock, timers, WebCrypto randomness, global fetch. Parts can be replaced. */
export function systemRuntime(parts: Partial<Runtime> = {}): Runtime {
  return {
    now: Date.now,
    timer: startTimer,
    sleep,
    id: orderedIds(Date.now, randomBytes),
    randomBytes,
    sha256,
    fetch: (input, init) => fetch(input, init),
    log: silentLog,
    ...parts,
  }
}

function startTimer(delayMs: number, work: () => void): () => void {
  const timer: unknown = setTimeout(work, delayMs)
  if (canUnref(timer)) timer.unref()
  return () => clearTimeout(timer as Parameters<typeof clearTimeout>[0])
}

/** Node's timers are objects that can let the process end; elsewhere they are numbers. */
function canUnref(timer: unknown): timer is { unref(): void } {
  return typeof timer === 'object' && timer !== null && 'unref' in timer
}

function sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const stop = (): void => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, delayMs)
    signal?.addEventListener('abort', stop, { once: true })
  })
}

function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(length))
}
