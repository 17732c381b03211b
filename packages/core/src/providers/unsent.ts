import { CountersignError } from '../errors.ts'

/** The same failure, of which is known that nothing was sent. */
export function unsent({ code, message, cause, details }: CountersignError): CountersignError {
  return new CountersignError(code, message, { cause, details: { ...details, isSent: false } })
}

/** What Node calls a connection that was not made, whatever the system says of it. */
const attempts: ReadonlySet<unknown> = new Set(['connect', 'getaddrinfo'])

/** Failures before the first byte of a request: of undici's own, and of certificates, which are looked at before anything is said. */
const early: ReadonlySet<unknown> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/** Whether a request failed for want of a connection: only what is certain counts, for what was sent may have been done. */
export function neverConnected(cause: unknown): boolean {
  if (!(cause instanceof TypeError) || !(cause.cause instanceof Error)) return false
  const reason = cause.cause
  // Of a host with several addresses, each was tried.
  const failures: readonly unknown[] = reason instanceof AggregateError ? reason.errors : [reason]
  return failures.length > 0 && failures.every(isConnectionFailure)
}

function isConnectionFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return ('syscall' in error && attempts.has(error.syscall)) || ('code' in error && early.has(error.code))
}
