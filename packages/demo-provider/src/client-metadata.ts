import type { ClientMetadata } from 'oidc-provider'
import { AUTHORIZATION_DETAILS_TYPES } from './authorization-details.ts'
import type { DemoClient, DemoGrant } from './demo-clients.ts'

/** Token exchange (RFC 8693 §2.1), which oidc-provider does not bring. */
export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
export const CIBA = 'urn:openid:params:grant-type:ciba'
export const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code'

const GRANT_TYPES: Readonly<Record<DemoGrant, string>> = {
  authorization_code: 'authorization_code',
  refresh_token: 'refresh_token',
  client_credentials: 'client_credentials',
  ciba: CIBA,
  device_code: DEVICE_CODE,
  token_exchange: TOKEN_EXCHANGE,
}

const NATIVE_REDIRECT_URIS = ['127.0.0.1', '[::1]', 'localhost'].map((host) => `http://${host}/auth/redirect`)

/**
 * A client as oidc-provider registers it. `web` compares redirect URIs exactly and permits http on localhost for the code flow; `native`
 * lets the port of a loopback redirect vary (RFC 8252 §7.3).
 */
export function metadataOf(client: DemoClient, sharedRedirectUris: readonly string[]): ClientMetadata {
  const grants = client.grants ?? ['authorization_code', 'refresh_token']
  const hasCode = grants.includes('authorization_code')
  const redirectUris = client.redirectUris ?? (client.isNative === true ? NATIVE_REDIRECT_URIS : sharedRedirectUris)
  return {
    client_id: client.clientId,
    client_name: client.name,
    ...(client.clientSecret === undefined ? {} : { client_secret: client.clientSecret }),
    ...(client.publicKey === undefined ? {} : { jwks: { keys: [client.publicKey] } }),
    token_endpoint_auth_method: client.authentication,
    application_type: client.isNative === true ? 'native' : 'web',
    grant_types: grants.map((grant) => GRANT_TYPES[grant]),
    response_types: hasCode ? ['code'] : [],
    redirect_uris: hasCode ? [...redirectUris] : [],
    authorization_details_types: [...AUTHORIZATION_DETAILS_TYPES],
    ...(grants.includes('ciba') ? deliveryOf(client) : {}),
  }
}

function deliveryOf({ pingEndpoint, clientId }: DemoClient): Partial<ClientMetadata> {
  if (pingEndpoint === undefined) return { backchannel_token_delivery_mode: 'poll' }
  return { backchannel_token_delivery_mode: 'ping', backchannel_client_notification_endpoint: pingAlias(clientId) }
}

/** oidc-provider registers no http address for pings (CIBA §4), so a client's loopback address is registered under this name. */
export function pingAlias(clientId: string): string {
  return `https://ping.invalid/${encodeURIComponent(clientId)}`
}
