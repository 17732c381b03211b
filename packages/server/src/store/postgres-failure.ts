import { CountersignError, isCountersignError } from '@countersign/core'

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const uniqueViolation = '23505'
const serializationFailure = '40001'
const deadlockDetected = '40P01'
/** "In failed transaction": says only that an earlier statement has failed. */
const inFailedTransaction = '25P02'
/** Classes of what a column cannot hold: data exceptions and other constraints. */
const refusedValue = /^(?:22|23)/
/** The server or the network ended the connection. */
const connectionEnded = /^(?:08\w{3}|57P0[12]|25P03|ECONNRESET|EPIPE)$/
/** The same in the driver's own words, which have no code. */
const connectionEndedWords = /^Connection terminated unexpectedly/
/** It had ended before, so the statement was not even sent. */
const unsentWords = /^Client (?:has encountered a connection error|was closed)/
/** There is nobody at its address. */
const unreachable = /^(?:ECONNREFUSED|ENOENT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|57P03)$/
/** The driver waited long enough. */
const timedOutWords = /timeout/i

/** What the driver or the server said, in our words; never the statement, its values or the address. */
export function postgresFailure(cause: unknown): CountersignError {
  if (isCountersignError(cause)) return cause
  const code = codeOf(cause)
  if (code === uniqueViolation)
    return new CountersignError('conflict', `there already is a row with this ${constraintOf(cause)}`, { cause })
  if (code !== undefined && refusedValue.test(code))
    return new CountersignError('invalid_request', `the database refused a value (${code})`, { cause })
  return storageFailure(cause)
}

/** What kept a unit from being begun or committed. */
export function storageFailure(cause: unknown): CountersignError {
  if (isCountersignError(cause, 'storage_unavailable')) return cause
  // A host with several addresses fails once for each.
  const reason: unknown = cause instanceof AggregateError ? cause.errors[0] : cause
  return new CountersignError('storage_unavailable', sentenceOf(reason), { cause: reason })
}

/** What became of a commit that was not confirmed: once it was sent, and unless the server refused it, nobody knows. */
export function commitFailure(cause: unknown): CountersignError {
  const failure = storageFailure(cause)
  const code = codeOf(failure.cause)
  const isKnown = code === undefined ? isUnsent(failure.cause) : !connectionEnded.test(code)
  if (isKnown) return failure
  return new CountersignError('storage_unavailable', `${failure.message}; nobody knows whether the unit was committed`, {
    cause: failure.cause,
    details: { isOutcomeKnown: false },
  })
}

/**
 * Whether the same unit may do better when it is run again in a moment: another one was at its rows, or its connection ended before its commit was sent.
 */
export function mayDoBetter(error: unknown): boolean {
  if (isOutcomeUnknown(error)) return false
  const cause = isCountersignError(error) ? error.cause : error
  const code = codeOf(cause)
  // A row that was not there when the unit looked may have been inserted before its own insert; a real conflict is one again.
  return code === serializationFailure || code === deadlockDetected || code === uniqueViolation || hasEnded(cause, code)
}

/** Whether the database answers nobody, rather than not this unit. */
export function isAway(error: CountersignError): boolean {
  const { cause } = error
  const code = codeOf(cause)
  return code === undefined ? cause instanceof Error && timedOutWords.test(cause.message) : unreachable.test(code)
}

/** Whether a unit may have been committed although it failed. */
export function isOutcomeUnknown(error: unknown): boolean {
  return isCountersignError(error, 'storage_unavailable') && error.details['isOutcomeKnown'] === false
}

export function isAftermath(cause: unknown): boolean {
  return codeOf(cause) === inFailedTransaction
}

/** What an operator can do something about. The driver's other words may repeat the address, or what it was given. */
const sentences: readonly (readonly [RegExp, string])[] = [
  [/^(?:ECONNREFUSED|ENOENT)$/, 'nobody listens at the address of the database'],
  [/^(?:ENOTFOUND|EAI_AGAIN)$/, 'the host of the database is not known'],
  [/^(?:EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)$/, 'the host of the database cannot be reached'],
  [/^28/, 'the database refused the user or the password'],
  [/^3D000$/, 'there is no such database'],
  [/^42501$/, 'the database does not allow this user what a server needs'],
  [/^53100$/, 'the disk of the database is full'],
  [/^53300$/, 'the database has no connection left'],
  [/^53/, 'the database has run out of something'],
  [/^25006$/, 'the database can only be read'],
  [/^55P03$/, 'another transaction holds a row for too long'],
  [/^57014$/, 'the database did not answer in time'],
  [/^57P03$/, 'the database is starting or stopping'],
  [connectionEnded, 'the connection to the database was lost'],
]

function sentenceOf(cause: unknown): string {
  const code = codeOf(cause)
  const known = code === undefined ? undefined : sentences.find(([codes]) => codes.test(code))
  if (known) return known[1]
  if (hasEnded(cause, code)) return 'the connection to the database was lost'
  if (cause instanceof Error && timedOutWords.test(cause.message)) return 'the database did not answer in time'
  return `the database refused (${code ?? (cause instanceof Error ? cause.name : typeof cause)})`
}

function hasEnded(cause: unknown, code: string | undefined): boolean {
  if (code !== undefined) return connectionEnded.test(code)
  return isUnsent(cause) || (cause instanceof Error && connectionEndedWords.test(cause.message))
}

function isUnsent(cause: unknown): boolean {
  return cause instanceof Error && unsentWords.test(cause.message)
}

function codeOf(cause: unknown): string | undefined {
  return typeof cause === 'object' && cause !== null && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined
}

function constraintOf(cause: unknown): string {
  const isNamed = typeof cause === 'object' && cause !== null && 'constraint' in cause && typeof cause.constraint === 'string'
  return isNamed ? String(cause.constraint) : 'key'
}
