import * as oauth from 'oauth4webapi'
import type { OauthClientConfig } from './oauth-client-config.ts'
import type { OauthFetch } from './oauth-fetch.ts'

/** Our side of a token request: who we are, and how that is proven (RFC 6749 §2.3). The secret is revealed here, just before use. */
export async function oauthClient(
  config: OauthClientConfig,
): Promise<{ readonly client: oauth.Client; readonly authentication: oauth.ClientAuth }> {
  return { client: { client_id: config.client_id }, authentication: authenticationOf(config) }
}

/** Sends oauth4webapi's requests through the guarded fetch, which alone decides where http is allowed. */
export function requestOptions(fetch: OauthFetch) {
  return { [oauth.customFetch]: fetch, [oauth.allowInsecureRequests]: true } as const
}

function authenticationOf({ client_secret, token_endpoint_auth_method }: OauthClientConfig): oauth.ClientAuth {
  if (client_secret === undefined) return oauth.None()
  const secret = client_secret.reveal()
  return token_endpoint_auth_method === 'client_secret_post' ? oauth.ClientSecretPost(secret) : oauth.ClientSecretBasic(secret)
}
