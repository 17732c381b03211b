import { errorFacts, type Runtime } from '@countersign/core'

/** How often due rows are looked for where nobody says otherwise, milliseconds: a lost hint costs no more. */
const PERIOD_MS = 1_000

/** How looks are taken. */
export interface LookOptions {
  /** How long after a look the next one is taken, milliseconds. Default: a second. */
  readonly everyMs?: number | undefined
  /** Told after each look that did not fail. */
  readonly looked?: () => void
}

/**
 * Looks after what is due, one look after another.
 * @returns a function that ends it, and resolves when the last look is over
 */
export function startScheduler(
  runs: { tick(): Promise<void> },
  runtime: Pick<Runtime, 'timer' | 'log'>,
  { everyMs = PERIOD_MS, looked }: LookOptions = {},
): () => Promise<void> {
  let isStopped = false
  let stopTimer = (): void => undefined
  const look = async (): Promise<void> => {
    try {
      await runs.tick()
      looked?.()
    } catch (error) {
      runtime.log.error('the look at due rows failed', errorFacts(error))
    }
    if (!isStopped) stopTimer = runtime.timer(everyMs, lookOnce)
  }
  let current = Promise.resolve()
  const lookOnce = (): void => {
    current = look()
  }
  lookOnce()
  return () => {
    isStopped = true
    stopTimer()
    return current
  }
}
