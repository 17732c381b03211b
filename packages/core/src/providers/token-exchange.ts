import type { AuthProvider, Parties } from '../auth/auth-provider.ts'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import { defineProvider } from './define-provider.ts'
import type { ProviderSetup } from './define-provider.ts'
import { serverHost } from './oauth-config.ts'
import { defaultFetchLimits } from './oauth-fetch.ts'
import { scopeSet } from './oauth-scopes.ts'
import { type TokenExchangeConfig, tokenExchangeConfig } from './token-exchange-config.ts'
import type { TokenExchangeSteps } from './token-exchange-steps.ts'

const unfit = {
  chain: 'whose credential is exchanged has to be certain, so name one entry of that chain',
  oauth2_token_exchange: 'what was exchanged is not exchanged again',
  api_key: 'a key is no token that can be exchanged',
  http_basic: 'a password is no token that can be exchanged',
}

/**
 * Token exchange (RFC 8693): a person's credential becomes one for another API, never a wider one than was asked for, and nobody is asked.
 * @see https://www.rfc-editor.org/rfc/rfc8693#section-2
 */
export const tokenExchange = defineProvider({
  type: 'oauth2_token_exchange',
  config: tokenExchangeConfig,
  references: [
    { key: 'subject_provider', to: 'authentication', refuses: unfit },
    { key: 'actor_provider', to: 'authentication', refuses: unfit },
  ],
  create: createTokenExchange,
})

function createTokenExchange(config: TokenExchangeConfig, { name, limits: given }: ProviderSetup): AuthProvider {
  const limits = { ...defaultFetchLimits, ...given }
  const host = serverHost({ authorization_url: config.token_url, issuer: config.issuer })
  const scopesOf: AuthProvider['scopesOf'] = (requirement) => scopeSet(config.scopes, requirement.scopes)
  let imported: Promise<TokenExchangeSteps> | undefined
  const steps = (): Promise<TokenExchangeSteps> =>
    (imported ??= import('./token-exchange-steps.ts').then(({ tokenExchangeSteps }) =>
      tokenExchangeSteps(config, { name, host, limits, scopesOf }),
    ))

  return {
    type: 'oauth2_token_exchange',
    notifies: false,
    // The consent behind it may be for one call: what comes of it must not outlast that, unless the tool says so.
    reuse: 'call',
    host,
    clientId: config.client_id,
    ...(config.resource !== undefined && { resources: config.resource }),
    scopesOf,
    parties: (requirement) => partiesOf(config, requirement),
    begin: async (requirement, context) => (await steps()).exchange(requirement, context),
    revoke: async (credential, context) => (await steps()).revoke(credential, context),
  }
}

/** Whose consent is needed, and how they are asked for it; what the exchanged token is to allow, they are not asked. */
function partiesOf({ subject_provider, actor_provider }: TokenExchangeConfig, requirement: AuthRequirement): Parties {
  const { bindingMessage, loginHint, acrValues, requestedExpirySeconds } = requirement
  return {
    subject: {
      provider: subject_provider,
      ...(bindingMessage !== undefined && { bindingMessage }),
      ...(loginHint !== undefined && { loginHint }),
      ...(acrValues !== undefined && { acrValues }),
      ...(requestedExpirySeconds !== undefined && { requestedExpirySeconds }),
    },
    ...(actor_provider !== undefined && { actor: { provider: actor_provider } }),
  }
}
