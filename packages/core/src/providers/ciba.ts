import type { AuthProvider } from '../auth/auth-provider.ts'
import { type CibaConfig, cibaConfig } from './ciba-config.ts'
import type { CibaSteps } from './ciba-steps.ts'
import { defineProvider } from './define-provider.ts'
import type { ProviderSetup } from './define-provider.ts'
import { serverHost } from './oauth-config.ts'
import { defaultFetchLimits } from './oauth-fetch.ts'
import { scopeSet } from './oauth-scopes.ts'

const unfit = {
  chain: 'who is signed in has to be certain, so name one entry of that chain',
  oidc_ciba: 'whom to ask has to be known before anybody is asked',
  oauth2_client_credentials: 'nobody signs in there',
  oauth2_token_exchange: 'nobody signs in there',
  api_key: 'nobody signs in there',
  http_basic: 'nobody signs in there',
}

/**
 * Client-Initiated Backchannel Authentication, poll and ping mode: somebody approves on a device of theirs.
 * @see https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html
 */
export const ciba = defineProvider({
  type: 'oidc_ciba',
  config: cibaConfig,
  references: [{ key: 'id_token_hint_from', to: 'authentication', refuses: unfit }],
  create: createCiba,
})

function createCiba(config: CibaConfig, { name, limits: given }: ProviderSetup): AuthProvider {
  const { client_id: clientId, id_token_hint_from: hintFrom, backchannel_authentication_url, issuer } = config
  const limits = { ...defaultFetchLimits, ...given }
  const host = serverHost({ authorization_url: backchannel_authentication_url, issuer })
  // CIBA Core §7.1: without it a server refuses the request.
  const scopesOf: AuthProvider['scopesOf'] = (requirement) => scopeSet(['openid'], config.scopes, requirement.scopes)
  let imported: Promise<CibaSteps> | undefined
  const steps = (): Promise<CibaSteps> =>
    (imported ??= import('./ciba-steps.ts').then(({ cibaSteps }) => cibaSteps(config, { name, host, limits, scopesOf })))

  return {
    type: 'oidc_ciba',
    notifies: true,
    // It keeps no grant: each call is approved by itself.
    reuse: 'call',
    host,
    clientId,
    ...(config.resource !== undefined && { resources: config.resource }),
    scopesOf,
    ...(hintFrom !== undefined && { parties: () => ({ subject: { provider: hintFrom, scopes: ['openid'] } }) }),
    begin: async (requirement, context) => (await steps()).ask(requirement, context),
    // Whatever the event: only its server knows whether there is news.
    // oxlint-disable-next-line max-params -- the port has these four
    advance: async (requirement, state, _event, context) => (await steps()).poll(requirement, state, context),
    refresh: async (credential, context) => (await steps()).refresh(credential, context),
    revoke: async (credential, context) => (await steps()).revoke(credential, context),
  }
}
