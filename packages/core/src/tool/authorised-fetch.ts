import type { AuthContext, AuthProvider } from '../auth/auth-provider.ts'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import type { Credential } from '../auth/credential.ts'
import { authorizationSentence } from '../auth/authorization-sentence.ts'
import type { TokenVault, VaultAnswer } from '../auth/token-vault.ts'
import { isOwn } from '../auth/vault-entry.ts'
import { CountersignError, type ErrorCode, isCountersignError } from '../errors.ts'
import type { Fetch } from '../runtime/runtime.ts'
import type { Secret } from '../runtime/secret.ts'
import { authoriseRequest, textsOf } from './authorise-request.ts'
import type { CallContext } from './call-context.ts'

/** What an authorised call draws its credential from. */
export interface CallAuthority {
  readonly requirement: AuthRequirement
  readonly provider: AuthProvider
  readonly key: string
  readonly vault: TokenVault
  readonly context: AuthContext
  /** How often this call may still lead to a new sign-in. */
  readonly attemptsLeft: number
  /** Told of every token, key and password that goes out, so that it can be taken out of whatever comes back. */
  readonly onToken: (token: string) => void
}

/**
 * `fetch` with the call's credential. One refresh on 401; a new sign-in when the grant is gone or a scope is missing, but only while
 * nothing other than a GET went out: afterwards the tool gets the answer as it is.
 * @see RFC 6750 §2.1 and §3.1
 */
export function authorisedFetch(call: CallContext, authority: CallAuthority, baseFetch: Fetch): Fetch {
  const { provider, requirement } = authority
  const { send, hasWritten } = sender(call, authority, baseFetch)
  const askAgain = (wanted: AuthRequirement, again: string): undefined => {
    if (isOwn(provider) || hasWritten() || authority.attemptsLeft <= 0) return undefined
    call.suspend({ kind: 'authority', requirement: wanted, again })
  }
  const stepUp = (response: Response): Response => {
    const scopes = missingScopes(response)
    const wanted = { ...requirement, scopes: union(provider.scopesOf(requirement), scopes) }
    if (scopes.length > 0) askAgain(wanted, `${provider.host} asks for more than was granted before.`)
    return response
  }
  return async (input, init) => {
    const held = await credentialFrom(authority)
    if ('missing' in held) {
      askAgain(requirement, lostSentence(held.missing, provider.host))
      throw new CountersignError('invalid_token', `the sign-in at ${provider.host} is no longer valid`)
    }
    const isReplayable = canBeSentAgain(input, init)
    const first = await send(held.credential, input, init)
    if (first.status !== 401 || !isReplayable) return stepUp(first)
    const renewed = await credentialFrom(authority, held.credential.accessToken)
    if ('missing' in renewed) {
      askAgain(requirement, lostSentence(renewed.missing, provider.host))
      return first
    }
    const second = await send(renewed.credential, input, init)
    if (second.status === 401) askAgain(requirement, lostSentence('invalid_token', provider.host))
    return stepUp(second)
  }
}

/** Why the installation's own credential cannot be had is for its operator, who finds it in the log; a person learns what it comes to. */
async function credentialFrom({ vault, key, provider, context, requirement }: CallAuthority, rejected?: Secret): Promise<VaultAnswer> {
  try {
    return await vault.fresh({ key, provider, context, requirement, ...(rejected && { rejected }) })
  } catch (cause) {
    if (!isOwn(provider) || !isCountersignError(cause) || cause.code === 'storage_unavailable' || context.signal?.aborted) throw cause
    const code = cause.code === 'insufficient_scope' ? cause.code : 'upstream_failed'
    throw new CountersignError(code, `this application could not sign in itself: ${authorizationSentence(cause.code, provider)}`, { cause })
  }
}

/** Sends requests of one call, and knows whether any of them may have changed something. */
function sender(call: CallContext, { requirement, provider, onToken }: CallAuthority, baseFetch: Fetch) {
  const origins = provider.originsOf?.(requirement) ?? requirement.origins
  let writes = 0
  const nonces = new Map<string, string>()
  const sendOnce = async (credential: Credential, input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    call.assertLive()
    for (const text of textsOf(credential)) onToken(text)
    // A redirect could take what stands in a header or cookie to somebody else.
    const redirect = init.redirect === 'error' ? 'error' : 'manual'
    const plain = new Request(input, { ...init, redirect, signal: allOf(call.signal, input, init) })
    const url = new URL(plain.url)
    assertSafe(url, origins)
    const request = await authoriseRequest(plain, credential, nonces.get(url.origin))
    call.assertLive()
    const isWrite = !['GET', 'HEAD'].includes(request.method)
    if (isWrite) writes += 1
    const response = await baseFetch(request)
    const nonce = credential.tokenType === 'dpop' ? response.headers.get('dpop-nonce') : null
    if (nonce !== null) nonces.set(url.origin, nonce)
    // What was refused for its token has changed nothing.
    if (isWrite && (response.status === 401 || missingScopes(response).length > 0)) writes -= 1
    return response
  }
  const send = async (credential: Credential, input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const isReplayable = canBeSentAgain(input, init)
    const response = await sendOnce(credential, input, init)
    return isReplayable && wantsNonce(response) ? sendOnce(credential, input, init) : response
  }
  return { send, hasWritten: () => writes > 0 }
}

/** An API that wants its own nonce in the proof of a bound token says so, and which (RFC 9449 §9). */
function wantsNonce({ status, headers }: Response): boolean {
  return status === 401 && headers.has('dpop-nonce') && /\buse_dpop_nonce\b/.test(headers.get('www-authenticate') ?? '')
}

/** A body that flows is gone once it was sent. */
function canBeSentAgain(input: string | URL | Request, init: RequestInit = {}): boolean {
  const body = init.body ?? (input instanceof Request ? input.body : null)
  return !(body instanceof ReadableStream)
}

/** Why the person is asked again. */
function lostSentence(code: ErrorCode | 'none', host: string): string {
  switch (code) {
    case 'outcome_unknown':
      return `Renewing the earlier sign-in at ${host} was interrupted; nobody knows whether it went through.`
    case 'none':
      return `The earlier sign-in at ${host} is no longer there.`
    case 'invalid_seal':
      return `The earlier sign-in at ${host} can no longer be read: the server's key for it is gone.`
    case 'invalid_client':
      return `The earlier sign-in was at another server than ${host}.`
    case 'expired_token':
      return `The earlier sign-in at ${host} has ended.`
    default:
      return `${host} no longer accepts the earlier sign-in.`
  }
}

/** Ends with the call, and when the tool says so. */
function allOf(call: AbortSignal, input: string | URL | Request, init: RequestInit): AbortSignal {
  const own = init.signal ?? (input instanceof Request ? input.signal : undefined)
  return own ? AbortSignal.any([call, own]) : call
}

/** A token goes over https, or to this machine, and only to the APIs it is for, where the tool names them. */
function assertSafe({ protocol, hostname, origin }: URL, origins: readonly string[] | undefined): void {
  if (origins !== undefined && !origins.includes(origin))
    throw new CountersignError(
      'invalid_request',
      `a token for ${origins.map((each) => `"${each}"`).join(', ') || 'no API'} is not sent to "${origin}"`,
    )
  const isLoopback = hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)
  if (protocol === 'https:' || (protocol === 'http:' && isLoopback)) return
  throw new CountersignError('invalid_request', `a token is sent over https only, not to "${protocol}//${hostname}"`)
}

/** What `insufficient_scope` asks for (RFC 6750 §3.1); nothing when the API does not say. */
function missingScopes(response: Response): readonly string[] {
  if (response.status !== 403) return []
  const challenge = response.headers.get('www-authenticate') ?? ''
  if (!/error="?insufficient_scope"?/i.test(challenge)) return []
  return /scope="([^"]{1,1000})"/i.exec(challenge)?.[1]?.split(' ').filter(Boolean) ?? []
}

function union(left: readonly string[], right: readonly string[]): readonly string[] {
  return [...new Set([...left, ...right])].toSorted()
}
