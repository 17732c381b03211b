import { type Runs, type Runtime, isCountersignError } from '@countersign/core'

/** How often due rows are looked for, milliseconds: a lost hint costs no more. */
const PERIOD_MS = 1_000

/** Looks after what is due, one look after another. @returns a function that ends it */
export function startScheduler(runs: Runs, runtime: Runtime): () => void {
  let isStopped = false
  let stopTimer = (): void => undefined
  const look = async (): Promise<void> => {
    try {
      await runs.tick()
    } catch (error) {
      runtime.log.error('the look at due rows failed', { error: isCountersignError(error) ? error.code : String(error) })
    }
    if (!isStopped) stopTimer = runtime.timer(PERIOD_MS, () => void look())
  }
  void look()
  return () => {
    isStopped = true
    stopTimer()
  }
}
