import type { AuthContext, AuthProvider } from '../auth/auth-provider.ts'
import type { AuthorizationCodeSteps } from './authorization-code-steps.ts'
import { defineProvider } from './define-provider.ts'
import type { ProviderSetup } from './define-provider.ts'
import { type OauthConfig, oauthConfig, serverHost } from './oauth-config.ts'
import { defaultFetchLimits } from './oauth-fetch.ts'
import { scopeSet } from './oauth-scopes.ts'

/**
 * Authorization code grant with PKCE (RFC 6749 §4.1, RFC 7636, RFC 9700): the person signs in and consents in a browser.
 * @see https://www.rfc-editor.org/rfc/rfc9700#section-2.1.1
 */
export const authorizationCode = defineProvider({
  type: 'oauth2_auth_code_flow',
  config: oauthConfig,
  create: createAuthorizationCode,
  cautions,
})

function createAuthorizationCode(config: OauthConfig, { name, limits: given }: ProviderSetup): AuthProvider {
  const limits = { ...defaultFetchLimits, ...given }
  const host = serverHost(config)
  const challenge = { kind: 'oauth_consent', host } as const
  const warn = warnOnce(config, name)
  let imported: Promise<AuthorizationCodeSteps> | undefined
  const steps = (): Promise<AuthorizationCodeSteps> =>
    (imported ??= import('./authorization-code-steps.ts').then(({ authorizationCodeSteps }) =>
      authorizationCodeSteps(config, { name, host, limits }),
    ))

  return {
    type: 'oauth2_auth_code_flow',
    notifies: false,
    reuse: 'principal',
    host,
    clientId: config.client_id,
    ...(config.resource !== undefined && { resources: config.resource }),
    scopesOf: (requirement) => scopeSet(config.scopes, requirement.scopes),
    async begin(_requirement, context) {
      warn(context)
      return { status: 'waiting', challenge, state: {} }
    },
    // oxlint-disable-next-line max-params -- the port has these four
    async advance(requirement, state, event, context) {
      switch (event.type) {
        case 'open':
          return (await steps()).open(requirement, context)
        case 'redirect':
          return (await steps()).exchange(requirement, { state, callback: event.url }, context)
        case 'tick':
          // Nothing to ask for: only the browser's return ends this wait, and it must stay findable.
          return { status: 'waiting', challenge, state, ...(typeof state['state'] === 'string' && { correlation: state['state'] }) }
      }
    },
    refresh: async (credential, context) => (await steps()).refresh(credential, context),
    revoke: async (credential, context) => (await steps()).revoke(credential, context),
  }
}

function cautions({ use_pkce, unsafe_disable_pkce, preflight_auth }: OauthConfig): Readonly<Record<string, string>> {
  return {
    ...(!use_pkce && { use_pkce: 'has no effect here: PKCE stays on' }),
    ...(unsafe_disable_pkce && { unsafe_disable_pkce: 'PKCE is switched off: a stolen code can be redeemed by others' }),
    ...(preflight_auth && { preflight_auth: 'has no effect here: people are asked when a tool needs their sign-in' }),
  }
}

/** Says once what an operator should know of the configuration. */
function warnOnce(config: OauthConfig, name: string): (context: AuthContext) => void {
  let isWarned = false
  return ({ runtime }) => {
    if (isWarned) return
    isWarned = true
    for (const [key, sentence] of Object.entries(cautions(config))) runtime.log.warn(`${key}: ${sentence}`, { provider: name })
  }
}
