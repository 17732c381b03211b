import * as oauth from 'oauth4webapi'
import type { OauthClientConfig } from './oauth-client-config.ts'
import type { OauthFetch } from './oauth-fetch.ts'
import { importPrivateKey } from './private-key.ts'

/** Who we are to an authorization server, and how that is proven. */
export interface OurSide {
  readonly client: oauth.Client
  readonly authentication: oauth.ClientAuth
}

/**
 * Our side of a token request (RFC 6749 §2.3, RFC 7523 §2.2). A secret is revealed just before use; a key is imported once, and remembered.
 * The returned function throws CountersignError `invalid_config` for a key that cannot be used.
 */
export function oauthClient(config: OauthClientConfig, name: string): () => Promise<OurSide> {
  const client: oauth.Client = { client_id: config.client_id }
  let byKey: Promise<oauth.ClientAuth> | undefined
  return async () => {
    const authentication = config.client_key === undefined ? bySecret(config) : await (byKey ??= privateKeyJwt(config, name))
    return { client, authentication }
  }
}

/** What every request of oauth4webapi is given. */
export interface RequestOptions {
  readonly [oauth.customFetch]: OauthFetch
  readonly [oauth.allowInsecureRequests]: true
  readonly DPoP?: oauth.DPoPHandle
}

/** Sends oauth4webapi's requests through the guarded fetch, which alone decides where http is allowed. */
export function requestOptions(fetch: OauthFetch): RequestOptions {
  return { [oauth.customFetch]: fetch, [oauth.allowInsecureRequests]: true }
}

function bySecret({ client_secret, token_endpoint_auth_method }: OauthClientConfig): oauth.ClientAuth {
  if (client_secret === undefined) return oauth.None()
  const secret = client_secret.reveal()
  return token_endpoint_auth_method === 'client_secret_post' ? oauth.ClientSecretPost(secret) : oauth.ClientSecretBasic(secret)
}

async function privateKeyJwt({ client_key, client_key_id }: OauthClientConfig, name: string): Promise<oauth.ClientAuth> {
  if (client_key === undefined) return oauth.None()
  const { key, algorithm, kid } = await importPrivateKey(client_key, name)
  const id = client_key_id ?? kid
  const named = { ...(id !== undefined && { kid: id }), key }
  // The library writes the newer name of EdDSA (RFC 9864), which few servers know yet.
  return oauth.PrivateKeyJwt(named, { [oauth.modifyAssertion]: (header) => void (header['alg'] = algorithm) })
}
