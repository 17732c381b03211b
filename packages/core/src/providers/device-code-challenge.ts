import type { DeviceAuthorizationResponse } from 'oauth4webapi'
import { z } from 'zod'
import { CountersignError } from '../errors.ts'
import { isAllowedAddress } from './oauth-address.ts'

/** What a person types, and where (RFC 8628 §3.3). */
export const deviceChallenge = z.strictObject({
  kind: z.literal('device_code'),
  userCode: z.string(),
  verificationUri: z.string(),
  verificationUriComplete: z.string().exactOptional(),
})
export type DeviceChallenge = z.output<typeof deviceChallenge>

/** Letters and digits, in groups: what every keyboard has (RFC 8628 §6.1). */
const typeable = /^[A-Za-z0-9](?:[A-Za-z0-9 .-]{0,30}[A-Za-z0-9])?$/
/** A longer one is for no person, and no picture. */
const longestAddress = 2048

/**
 * What a server wants to be shown, if it can be shown: the code and the addresses are the server's words, and go before a person.
 * @throws CountersignError `upstream_failed`
 */
export function deviceChallengeOf(answer: DeviceAuthorizationResponse, where: string): DeviceChallenge {
  const { user_code: userCode, verification_uri, verification_uri_complete } = answer
  if (!typeable.test(userCode)) throw new CountersignError('upstream_failed', `${where} gave a code that nobody can type`)
  const page = addressOf(verification_uri)
  if (page === undefined) throw new CountersignError('upstream_failed', `${where} sends people to an address that is not https`)
  const withCode = verification_uri_complete === undefined ? undefined : addressOf(verification_uri_complete)
  return {
    kind: 'device_code',
    userCode,
    verificationUri: page.href,
    // It saves typing, and is left out rather than lead elsewhere than the address that is shown.
    ...(withCode !== undefined && withCode.origin === page.origin && { verificationUriComplete: withCode.href }),
  }
}

function addressOf(text: string): URL | undefined {
  return text.length <= longestAddress && isAllowedAddress(text) ? new URL(text) : undefined
}
