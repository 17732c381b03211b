import type { Log } from './log.ts'

/** The global `fetch`, as an argument. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** The outside world as an argument: whoever needs time, chance, the network or a log takes it from here. */
export interface Runtime {
  /** Epoch milliseconds. */
  now(): number
  /**
   * Runs `work` once after `delayMs`, unless stopped first. Never holds a process open.
   * @returns a function that stops the timer
   */
  timer(delayMs: number, work: () => void): () => void
  /** Resolves after `delayMs`; rejects with the signal's reason when it aborts first. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>
  /** A new id: the time, then 128 random bits, URL-safe; later ones are greater texts. No secret is made of it: take `randomBytes`. */
  id(): string
  /** `length` random bytes of cryptographic quality. */
  randomBytes(length: number): Uint8Array<ArrayBuffer>
  /** SHA-256, synchronous: hash chains must not leave the tick. */
  sha256(data: Uint8Array): Uint8Array
  fetch: Fetch
  log: Log
}
