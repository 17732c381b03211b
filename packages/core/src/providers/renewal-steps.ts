import type { AuthContext } from '../auth/auth-provider.ts'
import type { Credential } from '../auth/credential.ts'
import { CountersignError, isCountersignError } from '../errors.ts'
import type { Secret } from '../runtime/secret.ts'
import type { OauthClientConfig } from './oauth-client-config.ts'
import type { OauthParty } from './oauth-party.ts'
import { renewCredential, revokeCredential } from './token-renewal.ts'
import { unsent } from './unsent.ts'

/** What an OAuth provider does with a credential that it has obtained. */
export interface RenewalSteps {
  refresh(credential: Credential, context: AuthContext): Promise<Credential>
  revoke(credential: Credential, context: AuthContext): Promise<boolean>
}

/** The same steps for every provider whose credentials may come with a refresh token. */
export function renewalSteps({
  name,
  host,
  meet,
}: {
  readonly name: string
  readonly host: string
  readonly meet: (context: AuthContext, bound?: Secret) => Promise<OauthParty<OauthClientConfig, 'token_endpoint'>>
}): RenewalSteps {
  return {
    async refresh(credential, context) {
      const { refreshToken, proofKey } = credential
      if (refreshToken === undefined)
        throw new CountersignError('invalid_grant', `there is no refresh token of auth provider "${name}": consent is needed again`)
      const party = await meet(context, proofKey).catch((error: unknown) => {
        throw isCountersignError(error) ? unsent(error) : error
      })
      return renewCredential({ ...party, host }, credential, refreshToken)
    },
    revoke: async (credential, context) => revokeCredential(await meet(context), credential),
  }
}
