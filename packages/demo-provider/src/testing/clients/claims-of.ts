import { decodeJwt } from 'jose'

/** What a token says, unchecked: tests look into tokens that a client has just been given. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> {
  return decodeJwt(token)
}
