import * as oauth from 'oauth4webapi'
import type { AuthStep } from '../auth/auth-provider.ts'
import { CountersignError, isCountersignError } from '../errors.ts'
import type { ErrorCode } from '../errors.ts'

/** What an authorization server may say in its own words (RFC 6749 §4.1.2.1 and §5.2, RFC 8628 §3.5, RFC 8707 §2, RFC 9396 §5, CIBA Core §13). */
const oauthCodes = [
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'invalid_scope',
  'unauthorized_client',
  'unsupported_response_type',
  'access_denied',
  'server_error',
  'temporarily_unavailable',
  'expired_token',
  'invalid_target',
  'invalid_authorization_details',
  'invalid_binding_message',
  'unknown_user_id',
  'expired_login_hint_token',
  'missing_user_code',
  'invalid_user_code',
  'transaction_failed',
] as const satisfies readonly ErrorCode[]

/** Answers that say nothing about the grant: asking again later may go well. */
const passing: ReadonlySet<string> = new Set(['server_error', 'temporarily_unavailable'])

const advice: Partial<Record<ErrorCode, string>> = {
  invalid_client: ': check client_id, its client_secret or client_key, and token_endpoint_auth_method',
  unauthorized_client: ': check which grants the client is registered for',
  invalid_scope: ': check the scopes',
  invalid_target: ': check which resources the client may ask for',
}

/**
 * The one mapping of failure: whatever went wrong while talking to an authorization server, in our words.
 * The server's own text appears nowhere, only its error code; the cause keeps name, message and stack, never a body.
 * @param party who failed, for the message: `the token endpoint of "calendar"`
 */
export function oauthFailure(cause: unknown, party: string): CountersignError {
  if (isCountersignError(cause)) return cause
  if (cause instanceof oauth.ResponseBodyError) return refusal(cause, party, { error: cause.error, status: cause.status })
  if (cause instanceof oauth.WWWAuthenticateChallengeError) {
    const error = cause.cause.map(({ parameters }) => parameters['error']).find((text) => text !== undefined)
    return refusal(cause, party, { error: error ?? (cause.status === 401 ? 'invalid_client' : undefined), status: cause.status })
  }
  if (cause instanceof oauth.AuthorizationResponseError) return refusal(cause, party, { error: cause.error })
  const { sentence, details } = symptom(cause)
  return new CountersignError('upstream_failed', `${party} ${sentence}`, { cause: withoutContents(cause), details })
}

/**
 * Tells a decision from a failure.
 * @returns a refused step when a person or the server's policy said no
 * @throws CountersignError for everything else
 */
export function refusedOrFailed(cause: unknown, party: string): AuthStep {
  if (cause instanceof oauth.AuthorizationResponseError) {
    const code = codeOf(cause.error)
    // An error in the redirect is the end of the flow, whichever it is (RFC 6749 §4.1.2.1).
    if (code !== undefined) return { status: 'refused', code }
  }
  const failure = oauthFailure(cause, party)
  if (failure.code === 'access_denied') return { status: 'refused', code: 'access_denied' }
  throw failure
}

function refusal(
  cause: Error,
  party: string,
  { error, status }: { readonly error: string | undefined; readonly status?: number },
): CountersignError {
  const word = error !== undefined && /^[a-z_]{1,40}$/.test(error) ? error : undefined
  const isPassing = status === 408 || status === 429 || (status !== undefined && status >= 500) || (word !== undefined && passing.has(word))
  const code = isPassing ? 'upstream_failed' : (codeOf(word) ?? 'upstream_failed')
  const said = [word, status].filter((fact) => fact !== undefined).join(', ')
  return new CountersignError(code, `${party} refused the request${said && ` (${said})`}${advice[code] ?? ''}`, {
    cause: withoutContents(cause),
    details: { ...(status !== undefined && { status }), ...(word !== undefined && { error: word }) },
  })
}

function codeOf(error: string | undefined): ErrorCode | undefined {
  return oauthCodes.find((code) => code === error)
}

interface Symptom {
  readonly sentence: string
  readonly details: Readonly<Record<string, string | number>>
}

/** What an operator can see of an answer that was none. */
function symptom(cause: unknown): Symptom {
  if (cause instanceof oauth.UnsupportedOperationError)
    return { sentence: 'answered with something that is not supported, such as a token that is not a bearer token', details: {} }
  if (!(cause instanceof oauth.OperationProcessingError)) {
    const isTransport = cause instanceof TypeError || (cause instanceof Error && cause.name === 'AbortError')
    return { sentence: isTransport ? 'could not be reached' : 'failed in an unexpected way', details: {} }
  }
  const details = cause.cause instanceof Response ? { status: cause.cause.status } : {}
  const claim = claimOf(cause.cause)
  switch (cause.code) {
    case oauth.RESPONSE_IS_NOT_JSON:
    case oauth.PARSE_ERROR:
      return { sentence: 'did not answer with JSON', details }
    case oauth.JWT_CLAIM_COMPARISON:
    case oauth.JWT_TIMESTAMP_CHECK: {
      const remedy = claim === 'iss' ? ': set the key "issuer" to what the server calls itself' : ''
      return {
        sentence: `sent an ID token that is not for this sign-in${claim && ` (${claim})`}${remedy}`,
        details: { ...details, ...(claim && { claim }) },
      }
    }
    case oauth.JSON_ATTRIBUTE_COMPARISON:
      return { sentence: 'calls itself by another name than the key "issuer" says', details }
    default:
      return { sentence: "gave an answer that is not the protocol's", details }
  }
}

/** The library names the claim it compared beside the claims themselves; only the name leaves this file. */
function claimOf(facts: unknown): string {
  const claim = typeof facts === 'object' && facts !== null && 'claim' in facts ? facts.claim : ''
  return typeof claim === 'string' && /^[a-z_]{1,20}$/.test(claim) ? claim : ''
}

/** A cause without what the library hangs on it, its own causes among them: bodies, claims, parameters and quotes of them hold tokens. */
function withoutContents(cause: unknown): Error | undefined {
  if (!(cause instanceof Error)) return undefined
  const copy = new Error(cause.message, isTransportFailure(cause) ? { cause: withoutContents(cause.cause) } : undefined)
  copy.name = cause.name
  if (cause.stack !== undefined) copy.stack = cause.stack
  return copy
}

/** Of a failed connection the cause says why: a refused port, an unknown host, a bad certificate. */
function isTransportFailure(cause: Error): boolean {
  return cause instanceof TypeError && cause.cause instanceof Error
}
