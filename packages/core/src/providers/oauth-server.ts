import * as oauth from 'oauth4webapi'
import { z } from 'zod'
import type { AuthContext } from '../auth/auth-provider.ts'
import { CountersignError, isCountersignError } from '../errors.ts'
import { errorFacts } from '../runtime/error-facts.ts'
import { isAllowedEndpoint } from './oauth-address.ts'
import { requestOptions } from './oauth-client.ts'
import { oauthFailure } from './oauth-failure.ts'
import { oauthFetch } from './oauth-fetch.ts'
import type { FetchLimits } from './oauth-fetch.ts'

/** What we ask of an authorization server, by the names of its metadata (RFC 8414 §2, RFC 8628 §4, RFC 9126 §5, CIBA Core §4). */
export type Endpoint =
  | 'authorization_endpoint'
  | 'token_endpoint'
  | 'revocation_endpoint'
  | 'backchannel_authentication_endpoint'
  | 'device_authorization_endpoint'
  | 'pushed_authorization_request_endpoint'

/** An authorization server whose endpoints have been checked; those that were needed are there. */
export type OauthServer<Needed extends Endpoint = 'token_endpoint'> = oauth.AuthorizationServer & { readonly [E in Needed]: string }

/**
 * Finds the authorization server.
 * @throws CountersignError `upstream_failed`, `cancelled`
 */
export type FindServer<Needed extends Endpoint> = (context: AuthContext) => Promise<OauthServer<Needed>>

/** Metadata changes seldom; ten minutes bound how long a moved endpoint or a new key stays unnoticed. */
const freshMs = 10 * 60_000
/** A server whose metadata cannot be read may well still issue tokens: sign-ins outlive an hour of that. */
const staleMs = 60 * 60_000
/** Between attempts while stale metadata is in use, so that a hanging server does not slow every step. */
const retryMs = 30_000

/** Where to find a server, and what of it is needed. */
export interface ServerPlace<Needed extends Endpoint> {
  readonly name: string
  readonly limits: FetchLimits
  readonly issuer: string | undefined
  readonly needed: readonly Needed[]
  /** Endpoints that the configuration gives: they win. With all that are needed among them nothing is discovered. */
  readonly given: Readonly<Partial<Record<Endpoint, string | undefined>>>
}

/** A server from its explicit endpoints, or discovered (RFC 8414) and remembered by the returned function. */
export function oauthServer<Needed extends Endpoint>(place: ServerPlace<Needed>): FindServer<Needed> {
  const { name, limits, needed } = place
  const given: Readonly<Record<string, string>> = Object.fromEntries(
    Object.entries(place.given).flatMap(([endpoint, address]) => (address === undefined ? [] : [[endpoint, address] as const])),
  )
  const [first = ''] = needed.map((endpoint) => given[endpoint])
  if (needed.every((endpoint) => given[endpoint] !== undefined)) {
    // Every endpoint that is needed is among those that are given.
    const server = { issuer: place.issuer ?? new URL(first).origin, ...given } as OauthServer<Needed>
    return async () => server
  }
  if (place.issuer === undefined)
    throw new CountersignError('invalid_config', `auth provider "${name}" needs "issuer", or the addresses of its endpoints`)
  const issuer = new URL(place.issuer)
  let known: { readonly server: OauthServer<Needed>; readonly readAt: number } | undefined
  let retryAt = 0
  return async (context) => {
    const now = context.runtime.now()
    const age = known === undefined ? Infinity : now - known.readAt
    if (known !== undefined && (age < freshMs || (age < staleMs && now < retryAt))) return known.server
    try {
      // Half of the time at most, so that the request this is for still has its half.
      const found = await discover(issuer, { needed, given }, { context, limits: { ...limits, timeoutMs: limits.timeoutMs / 2 } })
      const server = { ...found, ...given } as OauthServer<Needed>
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

async function discover(
  issuer: URL,
  { needed, given }: { readonly needed: readonly Endpoint[]; readonly given: Readonly<Record<string, string>> },
  { context, limits }: { readonly context: AuthContext; readonly limits: FetchLimits },
): Promise<oauth.AuthorizationServer> {
  const options = requestOptions(oauthFetch(context, limits))
  let response = await oauth.discoveryRequest(issuer, { ...options, algorithm: 'oidc' })
  // A server without OpenID Connect publishes under the other well-known name (RFC 8414 §3).
  if (response.status === 404) response = await oauth.discoveryRequest(issuer, { ...options, algorithm: 'oauth2' })
  const answer = await oauth.processDiscoveryResponse(issuer, response)
  const metadata = serverMetadata.safeParse(answer)
  if (!metadata.success) throw badMetadata(issuer, metadata.error.issues.map((each) => each.path.join('.')).join(', '))
  for (const key of endpoints) {
    const address = metadata.data[key]
    const isBad = address === undefined ? needed.includes(key) && given[key] === undefined : !isAllowedEndpoint(address, issuer)
    if (isBad) throw badMetadata(issuer, key)
  }
  return { ...metadata.data, issuer: answer.issuer }
}

const endpoints = [
  'authorization_endpoint',
  'token_endpoint',
  'revocation_endpoint',
  'backchannel_authentication_endpoint',
  'device_authorization_endpoint',
  'pushed_authorization_request_endpoint',
] as const satisfies readonly Endpoint[]

/** What we use of a server's metadata (RFC 8414 §2, RFC 9207 §3); the rest is left behind. */
const serverMetadata = z.object({
  authorization_endpoint: z.string().exactOptional(),
  token_endpoint: z.string().exactOptional(),
  revocation_endpoint: z.string().exactOptional(),
  backchannel_authentication_endpoint: z.string().exactOptional(),
  device_authorization_endpoint: z.string().exactOptional(),
  pushed_authorization_request_endpoint: z.string().exactOptional(),
  require_pushed_authorization_requests: z.boolean().default(false),
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
