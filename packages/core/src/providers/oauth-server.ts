import * as oauth from 'oauth4webapi'
import { z } from 'zod'
import type { AuthContext } from '../auth/auth-provider.ts'
import { CountersignError, isCountersignError } from '../errors.ts'
import { errorFacts } from '../runtime/error-facts.ts'
import { isAllowedEndpoint } from './oauth-address.ts'
import { requestOptions } from './oauth-client.ts'
import type { OauthConfig } from './oauth-config.ts'
import { oauthFailure } from './oauth-failure.ts'
import { oauthFetch } from './oauth-fetch.ts'
import type { FetchLimits } from './oauth-fetch.ts'

/** An authorization server whose endpoints have been checked. */
export type OauthServer = oauth.AuthorizationServer & { readonly authorization_endpoint: string; readonly token_endpoint: string }

/**
 * Finds the authorization server.
 * @throws CountersignError `upstream_failed`, `cancelled`
 */
export type FindServer = (context: AuthContext) => Promise<OauthServer>

/** Metadata changes seldom; ten minutes bound how long a moved endpoint or a new key stays unnoticed. */
const freshMs = 10 * 60_000
/** A server whose metadata cannot be read may well still issue tokens: sign-ins outlive an hour of that. */
const staleMs = 60 * 60_000
/** Between attempts while stale metadata is in use, so that a hanging server does not slow every step. */
const retryMs = 30_000

/** The server of a configuration: from its explicit endpoints, or discovered (RFC 8414) and remembered by the returned function. */
export function oauthServer(config: OauthConfig, { name, limits }: { readonly name: string; readonly limits: FetchLimits }): FindServer {
  const { authorization_url, token_url, revocation_url } = config
  const revocation = revocation_url === undefined ? {} : { revocation_endpoint: revocation_url }
  if (authorization_url !== undefined && token_url !== undefined) {
    const issuer = config.issuer ?? new URL(authorization_url).origin
    const server = { issuer, authorization_endpoint: authorization_url, token_endpoint: token_url, ...revocation }
    return async () => server
  }
  if (config.issuer === undefined)
    throw new CountersignError('invalid_config', `auth provider "${name}" needs "issuer", or "authorization_url" and "token_url"`)
  const issuer = new URL(config.issuer)
  let known: { readonly server: OauthServer; readonly readAt: number } | undefined
  let retryAt = 0
  return async (context) => {
    const now = context.runtime.now()
    const age = known === undefined ? Infinity : now - known.readAt
    if (known !== undefined && (age < freshMs || (age < staleMs && now < retryAt))) return known.server
    try {
      // Half of the time at most, so that the request this is for still has its half.
      const server = { ...(await discover(issuer, context, { ...limits, timeoutMs: limits.timeoutMs / 2 })), ...revocation }
      known = { server, readAt: now }
      return server
    } catch (cause) {
      const failure = oauthFailure(cause, `the metadata of auth provider "${name}"`)
      if (known === undefined || age >= staleMs || isCountersignError(failure, 'cancelled')) throw failure
      retryAt = now + retryMs
      context.runtime.log.warn('server metadata could not be refreshed, the last known is used', {
        provider: name,
        ageMs: age,
        ...errorFacts(failure),
      })
      return known.server
    }
  }
}

async function discover(issuer: URL, context: AuthContext, limits: FetchLimits): Promise<OauthServer> {
  const options = requestOptions(oauthFetch(context, limits))
  let response = await oauth.discoveryRequest(issuer, { ...options, algorithm: 'oidc' })
  // A server without OpenID Connect publishes under the other well-known name (RFC 8414 §3).
  if (response.status === 404) response = await oauth.discoveryRequest(issuer, { ...options, algorithm: 'oauth2' })
  const answer = await oauth.processDiscoveryResponse(issuer, response)
  const metadata = serverMetadata.safeParse(answer)
  if (!metadata.success) throw badMetadata(issuer, metadata.error.issues.map((each) => each.path.join('.')).join(', '))
  const { authorization_endpoint, token_endpoint, revocation_endpoint } = metadata.data
  for (const [key, endpoint] of Object.entries({ authorization_endpoint, token_endpoint, revocation_endpoint })) {
    if (endpoint !== undefined && !isAllowedEndpoint(endpoint, issuer)) throw badMetadata(issuer, key)
  }
  return { ...metadata.data, issuer: answer.issuer }
}

/** What we use of a server's metadata (RFC 8414 §2, RFC 9207 §3); the rest is left behind. */
const serverMetadata = z.object({
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  revocation_endpoint: z.string().exactOptional(),
  authorization_response_iss_parameter_supported: z.boolean().default(false),
  id_token_signing_alg_values_supported: z.array(z.string()).default(['RS256']),
})

function badMetadata(issuer: URL, keys: string): CountersignError {
  return new CountersignError(
    'upstream_failed',
    `the metadata of "${issuer.host}" cannot be used: ${keys} is missing or not allowed here`,
    {
      details: { host: issuer.host },
    },
  )
}
