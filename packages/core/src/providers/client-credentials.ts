import type { AuthContext, AuthProvider, AuthStep } from '../auth/auth-provider.ts'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import { type ClientCredentialsConfig, clientCredentialsConfig } from './client-credentials-config.ts'
import { defineProvider } from './define-provider.ts'
import type { ProviderSetup } from './define-provider.ts'
import { serverHost } from './oauth-config.ts'
import { defaultFetchLimits } from './oauth-fetch.ts'
import { scopeSet } from './oauth-scopes.ts'

/**
 * Client credentials grant (RFC 6749 §4.4): the installation acts as itself, nobody is asked. All principals share one token for the same scopes and
 * resource, which the vault keeps and renews.
 */
export const clientCredentials = defineProvider({
  type: 'oauth2_client_credentials',
  config: clientCredentialsConfig,
  create: createClientCredentials,
})

function createClientCredentials(config: ClientCredentialsConfig, { name, limits: given }: ProviderSetup): AuthProvider {
  const host = serverHost({ authorization_url: config.token_url, issuer: config.issuer })
  const limits = { ...defaultFetchLimits, ...given }
  const scopesOf = (requirement: AuthRequirement): readonly string[] => scopeSet(config.scopes, requirement.scopes)
  let grant: Promise<(requirement: AuthRequirement, context: AuthContext) => Promise<AuthStep>> | undefined
  return {
    type: 'oauth2_client_credentials',
    notifies: false,
    reuse: 'service',
    host,
    clientId: config.client_id,
    resources: [...(config.resource ?? []), ...(config.audience === undefined ? [] : [config.audience])],
    scopesOf,
    async begin(requirement, context) {
      grant ??= import('./client-credentials-grant.ts').then(({ clientCredentialsGrant }) =>
        clientCredentialsGrant(config, { name, host, limits, scopesOf }),
      )
      return (await grant)(requirement, context)
    },
  }
}
