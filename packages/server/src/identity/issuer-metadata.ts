import { CountersignError, errorFacts, isCountersignError, type Runtime } from '@countersign/core'
import { z } from 'zod'
import { issuerAddress, type ServerAuth } from '../config/a2a-schema.ts'

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
const TIMEOUT_MS = 5_000
/** The largest real ones stay below 100 KiB. */
const MAX_LENGTH = 1024 * 1024

const metadata = z.object({ issuer: z.string(), jwks_uri: issuerAddress, token_endpoint: issuerAddress })

type FindDeps = Pick<Runtime, 'now' | 'fetch' | 'log'>
type Found = { readonly metadata: IssuerMetadata } | { readonly failure: CountersignError }

/**
 * Reads what an authorization server says of itself, once in ten minutes however many ask; what is known is used while it is away.
 * @returns a function that throws CountersignError `upstream_failed` when nothing is known and the server does not say it
 */
export function issuerMetadata(auth: ServerAuth, runtime: FindDeps): () => Promise<IssuerMetadata> {
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

async function discover(auth: ServerAuth, runtime: FindDeps): Promise<IssuerMetadata> {
  let response = await ask(wellKnown(auth, 'openid-configuration'), runtime)
  // A server without OpenID Connect publishes under the other well-known name (RFC 8414 §3).
  if (response.status === 404 && auth.discovery_url === undefined)
    response = await ask(wellKnown(auth, 'oauth-authorization-server'), runtime)
  if (response.status !== 200) throw failed(auth, `answered with ${response.status}`)
  const text = await response.text()
  const parsed = metadata.safeParse(text.length > MAX_LENGTH ? undefined : JSON.parse(text))
  if (!parsed.success) throw failed(auth, 'cannot be used: issuer, jwks_uri or token_endpoint is missing or not allowed here')
  // Another issuer's metadata would bring another issuer's keys (RFC 8414 §3.3).
  if (withoutSlash(parsed.data.issuer) !== withoutSlash(auth.issuer_url)) throw failed(auth, 'is that of another issuer')
  return { ...parsed.data, jwks_uri: auth.jwks_uri ?? parsed.data.jwks_uri }
}

/** OpenID Connect appends its name to the issuer's path (Discovery §4.1), RFC 8414 §3.1 puts it before. */
function wellKnown({ issuer_url: issuer, discovery_url: given }: ServerAuth, name: string): string {
  if (given !== undefined) return given
  const { origin, pathname } = new URL(issuer)
  const path = withoutSlash(pathname)
  return name === 'openid-configuration' ? `${origin}${path}/.well-known/${name}` : `${origin}/.well-known/${name}${path}`
}

function ask(address: string, { fetch }: FindDeps): Promise<Response> {
  return fetch(address, { headers: { accept: 'application/json' }, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) })
}

function withoutSlash(text: string): string {
  return text.endsWith('/') ? text.slice(0, -1) : text
}

function failed({ issuer_url: issuer }: ServerAuth, what: string, cause?: unknown): CountersignError {
  return new CountersignError('upstream_failed', `the metadata of "${new URL(issuer).host}" ${what}`, { cause })
}
