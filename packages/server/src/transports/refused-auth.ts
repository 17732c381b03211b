import type { AuthResponseMessage } from '@countersign/core/protocol'

/** NAT's answer to a credential that came in a message. Nobody verifies it, so it is no success, and nothing of it is repeated. */
export function refusedAuth(details: string, now: number): AuthResponseMessage {
  const payload = { code: 'user_auth_error', message: 'Authentication failed', details } as const
  return { type: 'auth_response_message', status: 'error', user_id: null, payload, timestamp: new Date(now).toISOString() }
}
