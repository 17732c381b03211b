import type { AuthContext, AuthProvider, AuthStep } from '../auth/auth-provider.ts'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import { CountersignError } from '../errors.ts'
import { authorizationRequest, readSentRequest } from './authorization-request.ts'
import { exchangeCode } from './code-exchange.ts'
import { defineProvider } from './define-provider.ts'
import type { ProviderSetup } from './define-provider.ts'
import { oauthConfig } from './oauth-config.ts'
import type { OauthConfig } from './oauth-config.ts'
import { defaultFetchLimits, oauthFetch } from './oauth-fetch.ts'
import { scopeSet } from './oauth-scopes.ts'
import { oauthServer } from './oauth-server.ts'
import { renewCredential, revokeCredential } from './token-renewal.ts'

/**
 * Authorization code grant with PKCE (RFC 6749 §4.1, RFC 7636, RFC 9700): the person signs in and consents in a browser.
 * @see https://www.rfc-editor.org/rfc/rfc9700#section-2.1.1
 */
export const authorizationCode = defineProvider({ type: 'oauth2_auth_code_flow', config: oauthConfig, create: createAuthorizationCode })

function createAuthorizationCode(config: OauthConfig, { name, limits: given }: ProviderSetup): AuthProvider {
  const limits = { ...defaultFetchLimits, ...given }
  const findServer = oauthServer(config, { name, limits })
  const host = new URL(config.authorization_url ?? config.issuer ?? '').host
  const challenge = { kind: 'oauth_consent', host } as const
  const scopesOf = (requirement: AuthRequirement): readonly string[] => scopeSet(config.scopes, requirement.scopes)
  let isWarned = false

  /** One step's view of the server; the time limit counts from here. */
  async function meet(context: AuthContext) {
    const fetch = oauthFetch(context, limits)
    return { config, name, context, fetch, server: await findServer(context) }
  }

  async function open(requirement: AuthRequirement, context: AuthContext): Promise<AuthStep> {
    const { address, sent } = await authorizationRequest({ ...(await meet(context)), requirement, scopes: scopesOf(requirement) })
    return { status: 'waiting', challenge: { ...challenge, authorizationUrl: address }, state: sent, correlation: sent.state }
  }

  return {
    type: 'oauth2_auth_code_flow',
    notifies: false,
    reuse: 'principal',
    host,
    clientId: config.client_id,
    scopesOf,
    async begin(requirement, context) {
      if (!isWarned && !config.use_pkce) context.runtime.log.warn('use_pkce: false is ignored, PKCE stays on', { provider: name })
      if (!isWarned && config.unsafe_disable_pkce)
        context.runtime.log.warn('PKCE is switched off: a stolen code can be redeemed by others', { provider: name })
      isWarned = true
      if (requirement.authorizationDetails !== undefined && requirement.authorizationDetails.length > 0) {
        throw new CountersignError(
          'invalid_config',
          `auth provider "${name}" cannot ask for authorization details (RFC 9396): ask for scopes`,
        )
      }
      return { status: 'waiting', challenge, state: {} }
    },
    // oxlint-disable-next-line max-params -- the port has these four
    async advance(requirement, state, event, context) {
      switch (event.type) {
        case 'open':
          return open(requirement, context)
        case 'redirect': {
          const sent = readSentRequest(state)
          return exchangeCode({ ...(await meet(context)), requirement, scopes: scopesOf(requirement), sent }, event.url)
        }
        case 'ping':
        case 'tick':
          // Nothing to ask for: only the browser's return ends this wait, and it must stay findable.
          return { status: 'waiting', challenge, state, ...(typeof state['state'] === 'string' && { correlation: state['state'] }) }
      }
    },
    async refresh(credential, context) {
      if (credential.refreshToken !== undefined) return renewCredential(await meet(context), credential, credential.refreshToken)
      throw new CountersignError('invalid_grant', `there is no refresh token of auth provider "${name}": consent is needed again`)
    },
    revoke: async (credential, context) => revokeCredential(await meet(context), credential),
  }
}
