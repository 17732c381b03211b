import { CountersignError, isCountersignError } from '@countersign/core'

/** What the driver threw, in our words: `conflict`, `invalid_request` for what a column cannot hold, else `storage_unavailable`. */
export function sqliteFailure(cause: unknown): CountersignError {
  if (isCountersignError(cause)) return cause
  const message = cause instanceof Error ? cause.message : String(cause)
  const code = resultCode(cause)
  if (code === uniqueViolation || code === keyViolation) {
    const columns = message.slice(message.indexOf(': ') + 2)
    return new CountersignError('conflict', `there already is a row with this ${columns}`, { cause })
  }
  if (primary(code) === constraint) return new CountersignError('invalid_request', `the database refused a value: ${message}`, { cause })
  return storageFailure(cause)
}

/** What keeps a whole group from being begun or committed, whatever the driver calls it. */
export function storageFailure(cause: unknown): CountersignError {
  if (isCountersignError(cause, 'storage_unavailable')) return cause
  const message = cause instanceof Error ? cause.message : String(cause)
  return new CountersignError('storage_unavailable', `the database refused: ${message}`, { cause })
}

/** Whether another connection held the lock. */
export function isBusy(error: CountersignError): boolean {
  return primary(resultCode(error.cause)) === busy
}

// https://www.sqlite.org/rescode.html
const busy = 5
const constraint = 19
const keyViolation = 1555
const uniqueViolation = 2067

function resultCode(error: unknown): number {
  return typeof error === 'object' && error !== null && 'rawCode' in error && typeof error.rawCode === 'number' ? error.rawCode : 0
}

/** Extended result codes carry their primary one in the lowest byte. */
function primary(code: number): number {
  return code % 256
}
