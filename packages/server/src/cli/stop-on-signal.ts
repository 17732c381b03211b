import { CountersignError } from '@countersign/core'
import { failureText } from './failure-text.ts'

/** One press of Ctrl-C may arrive twice, from the terminal and from whoever passes it on; what comes later is meant. */
const ECHO_MS = 500
/** Supervisors kill after ten seconds; who has not stopped by then says so himself. */
const PATIENCE_MS = 9_500

const FORCED = { SIGINT: 130, SIGTERM: 143 } as const
type StopSignal = keyof typeof FORCED

/**
 * Waits for SIGINT or SIGTERM, then runs `stop`. A second signal ends the process at once.
 * @returns the exit code: 130 after Ctrl-C, else 0; 1 when stopping failed or took too long
 */
export async function stopOnSignal(stop: () => Promise<void>): Promise<number> {
  let take = (_signal: StopSignal): void => undefined
  const signal = await new Promise<StopSignal>((resolve) => {
    let since: number | undefined
    take = (sent) => {
      if (since !== undefined && Date.now() - since > ECHO_MS) process.exit(FORCED[sent])
      since ??= Date.now()
      resolve(sent)
    }
    process.on('SIGINT', take)
    process.on('SIGTERM', take)
  })
  let stopWaiting = (): void => undefined
  try {
    const tooLong = new Promise<never>((_resolve, reject) => {
      const timer = setTimeout(() => reject(new CountersignError('expired', 'it takes too long')), PATIENCE_MS)
      stopWaiting = () => clearTimeout(timer)
    })
    await Promise.race([stop(), tooLong])
    return signal === 'SIGINT' ? 130 : 0
  } catch (error) {
    process.stderr.write(`stopping failed: ${failureText(error)}\n`)
    return 1
  } finally {
    stopWaiting()
    process.off('SIGINT', take)
    process.off('SIGTERM', take)
  }
}
