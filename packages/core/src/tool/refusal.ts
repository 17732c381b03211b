import type { ErrorCode } from '../errors.ts'
import type { CallStatus } from '../protocol/run-event.ts'

/** A call that ended without its tool's result: what the model and the person are told. */
export interface Refusal {
  readonly status: Exclude<CallStatus, 'ok'>
  readonly output: { readonly error: ErrorCode; readonly message: string }
}

/** A refusal as the model is told: a code and one plain sentence, nothing of our insides. */
export function refusal(status: Refusal['status'], error: ErrorCode, message: string): Refusal {
  return { status, output: { error, message } }
}
