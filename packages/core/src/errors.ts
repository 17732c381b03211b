/**
 * Why something failed. OAuth's words come first (RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1, CIBA Core §13), then ours.
 */
export type ErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_scope'
  | 'invalid_token'
  | 'unauthorized_client'
  | 'unsupported_response_type'
  | 'access_denied'
  | 'server_error'
  | 'temporarily_unavailable'
  | 'insufficient_scope'
  | 'expired_token'
  | 'invalid_target'
  | 'invalid_authorization_details'
  | 'invalid_binding_message'
  | 'unknown_user_id'
  | 'expired_login_hint_token'
  | 'missing_user_code'
  | 'invalid_user_code'
  | 'transaction_failed'
  /** The other server could not be reached, timed out or gave an answer that is not the protocol's. */
  | 'upstream_failed'
  /** The browser came back with an answer that does not belong to its sign-in; nothing was sent anywhere. */
  | 'foreign_callback'
  /** A one-time secret was in flight when its holder died: nobody knows whether it was used. */
  | 'outcome_unknown'
  /** The deadline passed without an answer. */
  | 'expired'
  /** Ended by the person or by a newer message. */
  | 'cancelled'
  | 'policy_denied'
  | 'invalid_config'
  | 'invalid_arguments'
  | 'unknown_type'
  | 'unknown_tool'
  /** A tool changed or went away while its run waited. */
  | 'tool_changed'
  /** A tool asked what cannot be shown or answered. */
  | 'invalid_question'
  /** The same place in a tool asked something else after a resume. */
  | 'question_changed'
  | 'not_found'
  | 'forbidden'
  | 'conflict'
  | 'limit_exceeded'
  /** The call stopped to wait for a human; only the gate catches it. */
  | 'suspended'
  | 'tool_failed'
  | 'model_failed'
  | 'storage_unavailable'
  | 'invalid_seal'
  /** An answer is not what a person gave: it was made up or changed in the database. */
  | 'invalid_receipt'

/** By this a copy of this package knows the errors of every other: a server carries one, and a plugin may bring its own. */
const ours = Symbol.for('countersign.error')

/** The one error of Countersign. `code` is for programs, `message` for the operator; neither ever holds a secret. */
export class CountersignError extends Error {
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, string | number | boolean>>

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; details?: Readonly<Record<string, string | number | boolean>> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'CountersignError'
    this.code = code
    this.details = options.details ?? {}
  }

  get [ours](): true {
    return true
  }

  static override [Symbol.hasInstance](value: unknown): value is CountersignError {
    return typeof value === 'object' && value !== null && ours in value
  }
}

/** Whether `error` is ours, and, if a code is given, of that code. */
export function isCountersignError(error: unknown, code?: ErrorCode): error is CountersignError {
  return error instanceof CountersignError && (code === undefined || error.code === code)
}
