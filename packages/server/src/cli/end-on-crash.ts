import { errorFacts } from '@countersign/core'
import { pinoLog } from '../runtime/pino-log.ts'

/**
 * After an error that nobody caught the state of this process is unknown: it says so in one line of the log, without the error's words, and ends with 1.
 * What was committed is taken up by the next start, as after a power cut.
 */
export function endOnCrash(): void {
  // Rejections that nobody handled come here, too.
  process.on('uncaughtException', (error) => {
    pinoLog('error').error('the server ends after an error that nobody caught', errorFacts(error))
    process.exit(1)
  })
}
