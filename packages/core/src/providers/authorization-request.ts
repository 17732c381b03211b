import * as oauth from 'oauth4webapi'
import { z } from 'zod'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import { CountersignError } from '../errors.ts'
import type { JsonObject } from '../protocol/json.ts'
import { isAllowedAddress } from './oauth-address.ts'
import type { OauthConfig } from './oauth-config.ts'
import type { OauthParty } from './oauth-party.ts'
import { resourceParameters } from './oauth-resource.ts'
import { pushRequest } from './pushed-request.ts'

const sentRequest = z.strictObject({
  state: z.string().min(1),
  verifier: z.string().min(1).exactOptional(),
  nonce: z.string().min(1).exactOptional(),
  redirectUri: z.string().min(1),
  /** The private key that the tokens will be bound to: this state is sealed where it is stored. */
  proofKey: z.string().min(1).exactOptional(),
})

/** What must be remembered of an authorization request until the browser is back. */
export type SentRequest = z.output<typeof sentRequest>

/** What is asked of the person. */
export interface Wanted {
  readonly requirement: AuthRequirement
  readonly scopes: readonly string[]
}

type Party = OauthParty<OauthConfig, 'authorization_endpoint' | 'token_endpoint'>

/**
 * A fresh authorization request: `state`, PKCE S256 and, for OpenID Connect, `nonce` are new each time (RFC 9700 §2.1.1). The browser carries it, or where
 * the server wants that, only the name under which it was pushed (RFC 9126).
 */
export async function authorizationRequest(
  party: Party,
  wanted: Wanted,
): Promise<{ readonly address: string; readonly sent: SentRequest }> {
  const { config, server, context, proofKey } = party
  const url = new URL(server.authorization_endpoint)
  if (!isAllowedAddress(url))
    throw new CountersignError('upstream_failed', `"${url.host}" asks for sign-ins at an address that is not https`)
  const sent: SentRequest = {
    state: oauth.generateRandomState(),
    redirectUri: config.redirect_uri ?? context.redirectUri,
    ...(!config.unsafe_disable_pkce && { verifier: oauth.generateRandomCodeVerifier() }),
    ...(wanted.scopes.includes('openid') && { nonce: oauth.generateRandomNonce() }),
    ...(proofKey !== undefined && { proofKey: proofKey.secret.reveal() }),
  }
  const parameters = await requestParameters(party, wanted, sent)
  const isPushed = config.use_par || config.pushed_authorization_request_url !== undefined || server.require_pushed_authorization_requests
  const shown = isPushed ? await pushRequest(party, parameters) : parameters
  // The endpoint's own query stays (RFC 6749 §3.1), but for what is ours.
  for (const name of [...parameters.keys(), ...shown.keys()]) url.searchParams.delete(name)
  for (const [name, value] of shown) url.searchParams.append(name, value)
  return { address: url.href, sent }
}

async function requestParameters(
  { config, proofKey }: Party,
  { requirement, scopes }: Wanted,
  sent: SentRequest,
): Promise<URLSearchParams> {
  const { loginHint, authorizationDetails = [] } = requirement
  const single: Readonly<Record<string, string | undefined>> = {
    // OpenID Connect Core §11: offline access is granted only with an explicit consent.
    prompt: scopes.includes('offline_access') ? 'consent' : undefined,
    ...config.authorization_kwargs,
    ...(loginHint !== undefined && { login_hint: loginHint }),
    ...(authorizationDetails.length > 0 && { authorization_details: JSON.stringify(authorizationDetails) }),
    client_id: config.client_id,
    redirect_uri: sent.redirectUri,
    response_type: 'code',
    scope: scopes.length > 0 ? scopes.join(' ') : undefined,
    state: sent.state,
    nonce: sent.nonce,
    ...(sent.verifier !== undefined && {
      code_challenge: await oauth.calculatePKCECodeChallenge(sent.verifier),
      code_challenge_method: 'S256',
    }),
    // RFC 9449 §10: a stolen code cannot be redeemed with another key.
    ...(proofKey !== undefined && { dpop_jkt: await proofKey.handle.calculateThumbprint() }),
  }
  const parameters = new URLSearchParams(Object.entries(single).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
  const resources = resourceParameters(config, requirement)
  if (resources.length > 0) parameters.delete('resource')
  for (const [name, value] of resources) parameters.append(name, value)
  return parameters
}

/**
 * The remembered request out of a stored state.
 * @throws CountersignError `invalid_request` when the browser was never sent out
 */
export function readSentRequest(state: JsonObject): SentRequest {
  const parsed = sentRequest.safeParse(state)
  if (parsed.success) return parsed.data
  throw new CountersignError('invalid_request', 'the browser came back from a sign-in that was never opened: start it again')
}
