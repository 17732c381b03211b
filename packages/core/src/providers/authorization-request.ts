import * as oauth from 'oauth4webapi'
import { z } from 'zod'
import type { AuthContext } from '../auth/auth-provider.ts'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import { CountersignError } from '../errors.ts'
import type { JsonObject } from '../protocol/json.ts'
import { isAllowedAddress } from './oauth-address.ts'
import type { OauthConfig } from './oauth-config.ts'
import type { OauthServer } from './oauth-server.ts'

const sentRequest = z.strictObject({
  state: z.string().min(1),
  verifier: z.string().min(1).exactOptional(),
  nonce: z.string().min(1).exactOptional(),
  redirectUri: z.string().min(1),
})

/** What must be remembered of an authorization request until the browser is back. */
export type SentRequest = z.output<typeof sentRequest>

/** What an authorization request is built from. */
export interface RequestParts {
  readonly config: OauthConfig
  readonly server: OauthServer<'authorization_endpoint'>
  readonly requirement: AuthRequirement
  readonly scopes: readonly string[]
  readonly context: AuthContext
}

/** A fresh authorization request: `state`, PKCE S256 and, for OpenID Connect, `nonce` are new each time (RFC 9700 §2.1.1). */
export async function authorizationRequest(parts: RequestParts): Promise<{ readonly address: string; readonly sent: SentRequest }> {
  const { config, server, requirement, scopes, context } = parts
  const sent: SentRequest = {
    state: oauth.generateRandomState(),
    redirectUri: config.redirect_uri ?? context.redirectUri,
    ...(!config.unsafe_disable_pkce && { verifier: oauth.generateRandomCodeVerifier() }),
    ...(scopes.includes('openid') && { nonce: oauth.generateRandomNonce() }),
  }
  const parameters: Readonly<Record<string, string | undefined>> = {
    // OpenID Connect Core §11: offline access is granted only with an explicit consent.
    prompt: scopes.includes('offline_access') ? 'consent' : undefined,
    ...config.authorization_kwargs,
    ...(requirement.loginHint !== undefined && { login_hint: requirement.loginHint }),
    ...(requirement.resource !== undefined && { resource: requirement.resource }),
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
  }
  const url = new URL(server.authorization_endpoint)
  if (!isAllowedAddress(url))
    throw new CountersignError('upstream_failed', `"${url.host}" asks for sign-ins at an address that is not https`)
  // The endpoint's own query stays (RFC 6749 §3.1), but for what is ours.
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value)
  return { address: url.href, sent }
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
