import type { ClientMetadata, Configuration } from 'oidc-provider'
import { DEMO_CLIENTS } from './demo-clients.ts'
import type { DemoClient } from './demo-clients.ts'
import type { DemoAccounts } from './demo-accounts.ts'
import type { DemoKeys } from './demo-keys.ts'
import { errorPage, problemOf } from './error-page.ts'
import type { MemoryStore } from './memory-store.ts'
import { renderPage } from './page.ts'
import type { DemoProviderSettings } from './provider-options.ts'
import { SCOPE_CLAIMS, SCOPE_WORDS } from './scopes.ts'

/** What one run of the provider is made of. */
export interface ProviderParts {
  readonly settings: DemoProviderSettings
  readonly keys: DemoKeys
  readonly accounts: DemoAccounts
  readonly store: MemoryStore
  /** The port listened on. */
  readonly port: number
}

/** The whole of oidc-provider's set-up; it is complete when the library prints nothing at start and in use. */
export function providerConfiguration({ settings, keys, accounts, store, port }: ProviderParts): Configuration {
  return {
    adapter: () => store.open(),
    jwks: keys.jwks,
    cookies: { keys: keys.cookieKeys, names: cookieNames(port) },
    clients: Object.values(DEMO_CLIENTS).map((client) => metadataOf(client, settings.redirectUris)),
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post'],
    responseTypes: ['code'],
    scopes: [...SCOPE_WORDS.keys()],
    claims: SCOPE_CLAIMS,
    // An ID token says who somebody is, not only that they are: what the scopes open stands in it, too.
    conformIdTokenClaims: false,
    routes: { authorization: '/oauth/authorize', token: '/oauth/token', revocation: '/oauth/revoke', userinfo: '/api/me' },
    pkce: { required: () => true },
    allowOmittingSingleRegisteredRedirectUri: false,
    // The token endpoint is for back ends: no page may call it, from whatever origin.
    clientBasedCORS: () => false,
    // A refresh token works once; its reuse revokes the grant (RFC 9700 §4.14.2).
    rotateRefreshToken: true,
    findAccount: (_context, sub) => {
      const account = accounts.find(sub)
      return account && { accountId: sub, claims: () => ({ ...account }) }
    },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    renderError: (context, { error, error_description }) => {
      const { headers, markup } = renderPage(errorPage(problemOf(context.status, error, error_description)))
      context.set({ ...headers })
      context.body = markup
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: true },
      // RFC 7009 §2.1: a client revokes its own tokens only.
      revocation: { enabled: true, allowedPolicy: (_context, client, token) => token.clientId === client.clientId },
      // On by default, not offered here: userinfo refuses tokens bound to a resource, and signing out has its own page.
      resourceIndicators: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      dPoP: { enabled: false },
    },
    ttl: {
      AccessToken: settings.accessTokenTtlSeconds,
      AuthorizationCode: 60,
      Grant: DAY_SECONDS,
      IdToken: 300,
      Interaction: 600,
      RefreshToken: DAY_SECONDS,
      Session: DAY_SECONDS,
    },
  }
}

const DAY_SECONDS = 24 * 60 * 60

/** Cookies do not know ports (RFC 6265 §8.5): without the port in the name two providers on one host would sign each other out. */
function cookieNames(port: number): { session: string; interaction: string; resume: string } {
  const prefix = `demo_provider_${port}`
  return { session: `${prefix}_session`, interaction: `${prefix}_interaction`, resume: `${prefix}_resume` }
}

/**
 * `web` compares redirect URIs exactly and permits http on localhost for the code flow; `native` would let the port of a
 * loopback redirect vary (RFC 8252 §7.3), which a demo has no need for.
 */
function metadataOf(client: DemoClient, redirectUris: readonly string[]): ClientMetadata {
  return {
    client_id: client.clientId,
    client_name: client.name,
    ...(client.clientSecret === undefined ? {} : { client_secret: client.clientSecret }),
    token_endpoint_auth_method: client.authentication,
    application_type: 'web',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    redirect_uris: [...redirectUris],
  }
}
