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

/** One plain sentence per code, for an authorization that ended without a credential. */
export function authorizationSentence(code: string, host: string): string {
  switch (code) {
    case 'access_denied':
      return `You declined to sign in at ${host}.`
    case 'cancelled':
      return `The sign-in at ${host} was cancelled.`
    case 'expired':
      return `The sign-in at ${host} was not finished in time.`
    case 'insufficient_scope':
      return `${host} granted less than the tool needs.`
    case 'outcome_unknown':
      return `The sign-in at ${host} was interrupted.`
    case 'invalid_grant':
      return `${host} did not accept the sign-in.`
    case 'invalid_client':
    case 'unauthorized_client':
      return `${host} does not accept this application; its operator has to look at the configuration.`
    default:
      return `The sign-in at ${host} failed because the provider did not answer as it should.`
  }
}
