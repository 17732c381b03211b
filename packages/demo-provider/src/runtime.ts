import { randomBytes } from 'node:crypto'

/** What this package takes from the outside world, in one place. */
export interface DemoRuntime {
  /** Epoch milliseconds. */
  now(): number
  /** 256 bits that nobody can guess, fit for a cookie and a form. */
  unguessable(): string
  readonly fetch: typeof fetch
}

/** The computer's own clock, randomness and network. */
export const systemRuntime: DemoRuntime = {
  now: () => Date.now(),
  unguessable: () => randomBytes(32).toString('base64url'),
  fetch: (input, init) => fetch(input, init),
}
