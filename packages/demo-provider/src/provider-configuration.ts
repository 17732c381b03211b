import type { Configuration } from 'oidc-provider'
import { detailFault, parseDetails, AUTHORIZATION_DETAILS_TYPES } from './authorization-details.ts'
import { backchannel, requestLifetime } from './backchannel.ts'
import { metadataOf } from './client-metadata.ts'
import type { DemoAccounts } from './demo-accounts.ts'
import type { DemoClient } from './demo-clients.ts'
import type { DemoKeys } from './demo-keys.ts'
import { resourceServerOf } from './demo-resources.ts'
import type { DemoResources } from './demo-resources.ts'
import { errorPage, problemOf } from './error-page.ts'
import type { MemoryStore } from './memory-store.ts'
import type { OidcLibrary } from './oidc-library.ts'
import { renderPage } from './page.ts'
import type { PhoneRequests } from './phone/phone-requests.ts'
import { pingDelivery } from './ping-delivery.ts'
import type { DemoProviderSettings } from './provider-options.ts'
import { SCOPE_CLAIMS, SCOPE_WORDS } from './scopes.ts'

/** What one run of the provider is made of. */
export interface ProviderParts {
  readonly library: OidcLibrary
  readonly settings: DemoProviderSettings
  readonly keys: DemoKeys
  readonly accounts: DemoAccounts
  readonly clients: readonly DemoClient[]
  readonly resources: DemoResources
  readonly requests: PhoneRequests
  readonly store: MemoryStore
  readonly issuer: string
  /** The port listened on. */
  readonly port: number
}

/** The whole of oidc-provider's set-up; it is complete when the library prints nothing at start and in use. */
export function providerConfiguration(parts: ProviderParts): Configuration {
  const { settings, keys, accounts, clients, store, port } = parts
  return {
    adapter: () => store.open(),
    jwks: keys.jwks,
    cookies: { keys: keys.cookieKeys, names: cookieNames(port) },
    clients: clients.map((client) => metadataOf(client, settings.redirectUris)),
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    responseTypes: ['code'],
    scopes: [...SCOPE_WORDS.keys()],
    claims: SCOPE_CLAIMS,
    // An ID token says who somebody is, not only that they are: what the scopes open stands in it, too.
    conformIdTokenClaims: false,
    extraTokenClaims: (_context, token) => ('extra' in token && token.extra?.['act'] ? { act: token.extra['act'] } : undefined),
    routes: ROUTES,
    pkce: { required: () => true },
    allowOmittingSingleRegisteredRedirectUri: false,
    // The token endpoint is for back ends: no page may call it, from whatever origin.
    clientBasedCORS: () => false,
    // A refresh token works once; its reuse revokes the grant (RFC 9700 §4.14.2).
    rotateRefreshToken: true,
    findAccount: (_context, sub) => {
      const account = accounts.find(sub)
      if (account === undefined) return undefined
      const { name, preferred_username, email } = account
      return { accountId: sub, claims: () => ({ sub, name, preferred_username, email }) }
    },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    renderError: (context, { error, error_description }) => {
      const { headers, markup } = renderPage(errorPage(problemOf(context.status, error, error_description)))
      context.set({ ...headers })
      context.body = markup
    },
    fetch: pingDelivery({ clients, fetch: settings.fetch, log: settings.log }),
    features: features(parts),
    ttl: lifetimes(settings.accessTokenTtlSeconds),
  }
}

const ROUTES = {
  authorization: '/oauth/authorize',
  token: '/oauth/token',
  revocation: '/oauth/revoke',
  introspection: '/oauth/introspect',
  pushed_authorization_request: '/oauth/par',
  backchannel_authentication: '/oauth/bc-authorize',
  device_authorization: '/oauth/device',
  code_verification: '/device',
  userinfo: '/api/me',
}

function features({ library, accounts, requests, issuer, resources, settings }: ProviderParts): Configuration['features'] {
  const { errors } = library
  return {
    devInteractions: { enabled: false },
    userinfo: { enabled: true },
    clientCredentials: { enabled: true },
    ciba: backchannel({ library, accounts, requests, resources, issuer }),
    // Its pages are ours, at the same address: these are never reached.
    deviceFlow: { enabled: true, userCodeInputSource: unreached, userCodeConfirmSource: unreached, successSource: unreached },
    // RFC 7009 §2.1, RFC 7662 §2.1: a client revokes and looks into its own tokens only.
    revocation: { enabled: true, allowedPolicy: (_context, client, token) => token.clientId === client.clientId },
    introspection: { enabled: true, allowedPolicy: (_context, client, token) => token.clientId === client.clientId },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => undefined,
      // Otherwise `openid` beside a resource would yield a token for userinfo instead of one for the resource.
      useGrantedResource: () => true,
      getResourceServerInfo(_context, id, client) {
        const resource = resources.forClient(id, client.clientId)
        if (resource === undefined) throw new errors.InvalidTarget()
        return resourceServerOf(resource, settings.accessTokenTtlSeconds)
      },
    },
    richAuthorizationRequests: {
      enabled: true,
      types: Object.fromEntries(AUTHORIZATION_DETAILS_TYPES.map((type) => [type, { validate: checkDetail }])),
      authorizationDetailsForGrantSource: (context) => parseDetails(context.oidc.params?.['authorization_details']),
      authorizationDetailsForAccessToken: (_context, _token, source) => source?.rar,
      authorizationDetailsForIntrospection: (_context, token) => token.rar,
    },
    pushedAuthorizationRequests: { enabled: true },
    dPoP: { enabled: true },
    // On by default, not offered here: signing out has its own page.
    rpInitiatedLogout: { enabled: false },
  }

  function checkDetail(_context: unknown, detail: Parameters<typeof detailFault>[0]): void {
    const fault = detailFault(detail)
    if (fault !== undefined) throw new errors.InvalidAuthorizationDetails(fault)
  }
}

function unreached(): never {
  throw new Error('the device page is answered before oidc-provider is asked')
}

const DAY_SECONDS = 24 * 60 * 60

function lifetimes(accessTokenTtlSeconds: number): NonNullable<Configuration['ttl']> {
  return {
    AccessToken: (_context, token) => token.resourceServer?.accessTokenTTL ?? accessTokenTtlSeconds,
    ClientCredentials: (_context, token) => token.resourceServer?.accessTokenTTL ?? accessTokenTtlSeconds,
    AuthorizationCode: 60,
    BackchannelAuthenticationRequest: (context) => requestLifetime(context?.oidc.params?.['requested_expiry']),
    DeviceCode: 600,
    Grant: DAY_SECONDS,
    IdToken: 300,
    Interaction: 600,
    RefreshToken: DAY_SECONDS,
    Session: DAY_SECONDS,
  }
}

/** Cookies do not know ports (RFC 6265 §8.5): without the port in the name two providers on one host would sign each other out. */
function cookieNames(port: number): { session: string; interaction: string; resume: string } {
  const prefix = `demo_provider_${port}`
  return { session: `${prefix}_session`, interaction: `${prefix}_interaction`, resume: `${prefix}_resume` }
}
