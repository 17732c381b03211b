import { CountersignError, errorFacts, isCountersignError, type Runtime } from '@countersign/core'
import { type FetchLimits, isAllowedEndpoint, oauthFetch } from '@countersign/core/providers'
import { z } from 'zod'
import type { ServerAuth } from '../config/a2a-schema.ts'

/** What is needed of an authorization server whose tokens are taken (RFC 8414 §2). */
export interface IssuerMetadata {
  /** As it names itself in its tokens, to the letter. */
  readonly issuer: string
  readonly jwks_uri: string
  readonly token_endpoint: string
}

/** Metadata changes seldom; ten minutes bound how long a moved endpoint stays unnoticed. */
const FRESH_MS = 10 * 60_000
/** A server that is away is not asked by each request that wants to know. */
const RETRY_MS = 5_000
/** How long and how much an issuer may answer, with its metadata or its keys: the largest real ones stay below 100 KiB. */
export const issuerLimits: FetchLimits = { timeoutMs: 5_000, maxBodyBytes: 1024 * 1024 }

const metadata = z.object({ issuer: z.string(), jwks_uri: z.string(), token_endpoint: z.string() })

type Found = { readonly metadata: IssuerMetadata } | { readonly failure: CountersignError }

/**
 * Reads what an authorization server says of itself, once in ten minutes however many ask; what is known is used while it is away.
 * @returns a function that throws CountersignError `upstream_failed` when nothing is known and the server does not say it
 */
export function issuerMetadata(auth: ServerAuth, runtime: Runtime): () => Promise<IssuerMetadata> {
  let known: IssuerMetadata | undefined
  let look: { readonly at: number; readonly found: Promise<Found> } | undefined
  const read = async (): Promise<Found> => {
    try {
      known = await discover(auth, runtime)
    } catch (cause) {
      const failure = isCountersignError(cause) ? cause : failed(auth, 'could not be read', cause)
      runtime.log.warn('server metadata could not be read', { origin: new URL(auth.issuer_url).origin, ...errorFacts(failure) })
      if (!known) return { failure }
      look = { at: runtime.now() - FRESH_MS + RETRY_MS, found: Promise.resolve({ metadata: known }) }
    }
    return { metadata: known }
  }
  return async () => {
    const age = look ? Math.abs(runtime.now() - look.at) : Infinity
    if (!look || age >= (known ? FRESH_MS : RETRY_MS)) look = { at: runtime.now(), found: read() }
    const found = await look.found
    if ('failure' in found) throw found.failure
    return found.metadata
  }
}

async function discover(auth: ServerAuth, runtime: Runtime): Promise<IssuerMetadata> {
  const send = oauthFetch({ runtime }, issuerLimits)
  const ask = (address: string): Promise<Response> => send(address, { method: 'GET', headers: { accept: 'application/json' } })
  let response = await ask(wellKnown(auth, 'openid-configuration'))
  // A server without OpenID Connect publishes under the other well-known name (RFC 8414 §3).
  if (response.status === 404 && auth.discovery_url === undefined) response = await ask(wellKnown(auth, 'oauth-authorization-server'))
  if (response.status !== 200) throw failed(auth, `answered with ${response.status}`)
  const parsed = metadata.safeParse(await response.json())
  if (!parsed.success) throw failed(auth, 'cannot be used: issuer, jwks_uri or token_endpoint is missing')
  // Another issuer's metadata would bring another issuer's keys (RFC 8414 §3.3).
  if (withoutSlash(parsed.data.issuer) !== withoutSlash(auth.issuer_url)) throw failed(auth, 'is that of another issuer')
  for (const name of ['jwks_uri', 'token_endpoint'] as const)
    if (!isAllowedEndpoint(parsed.data[name], new URL(auth.issuer_url)))
      throw failed(auth, `cannot be used: its ${name} is not allowed here`)
  return { ...parsed.data, jwks_uri: auth.jwks_uri ?? parsed.data.jwks_uri }
}

/** OpenID Connect appends its name to the issuer's path (Discovery §4.1), RFC 8414 §3.1 puts it before. */
function wellKnown({ issuer_url: issuer, discovery_url: given }: ServerAuth, name: string): string {
  if (given !== undefined) return given
  const { origin, pathname } = new URL(issuer)
  const path = withoutSlash(pathname)
  return name === 'openid-configuration' ? `${origin}${path}/.well-known/${name}` : `${origin}/.well-known/${name}${path}`
}

function withoutSlash(text: string): string {
  return text.endsWith('/') ? text.slice(0, -1) : text
}

function failed({ issuer_url: issuer }: ServerAuth, what: string, cause?: unknown): CountersignError {
  return new CountersignError('upstream_failed', `the metadata of "${new URL(issuer).host}" ${what}`, { cause })
}
