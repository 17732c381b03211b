import * as oauth from 'oauth4webapi'
import { CountersignError } from '../errors.ts'
import type { OauthClientConfig } from './oauth-client-config.ts'
import { oauthFailure } from './oauth-failure.ts'
import type { OauthParty } from './oauth-party.ts'

/**
 * Hands an authorization request to the server itself (RFC 9126).
 * @returns what is left for the browser to carry (§4): its name there, which is good once and for a short time
 * @throws CountersignError as the failure was mapped
 */
export async function pushRequest(
  { name, server, client, authentication, options }: OauthParty<OauthClientConfig, 'token_endpoint'>,
  parameters: URLSearchParams,
): Promise<URLSearchParams> {
  if (server.pushed_authorization_request_endpoint === undefined)
    throw new CountersignError(
      'upstream_failed',
      `the server of auth provider "${name}" does not say where requests are pushed to: set pushed_authorization_request_url, or leave use_par out`,
    )
  // The request itself names the key its code will be bound to (RFC 9449 §10.1): no proof is needed here.
  const { DPoP: _, ...unproven } = options
  try {
    const response = await oauth.pushedAuthorizationRequest(server, client, authentication, parameters, unproven)
    const { request_uri } = await oauth.processPushedAuthorizationResponse(server, client, response)
    return new URLSearchParams({ client_id: client.client_id, request_uri })
  } catch (cause) {
    throw oauthFailure(cause, `the endpoint for pushed requests of auth provider "${name}"`)
  }
}
