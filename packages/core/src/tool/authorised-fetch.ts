import type { AuthContext, AuthProvider } from '../auth/auth-provider.ts'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import type { Credential } from '../auth/credential.ts'
import type { TokenVault } from '../auth/token-vault.ts'
import { CountersignError } from '../errors.ts'
import type { Fetch } from '../runtime/runtime.ts'
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
  /** Told of every token that goes out, so that it can be taken out of whatever comes back. */
  readonly onToken: (token: string) => void
}

/**
 * `fetch` with the call's credential. One refresh on 401; a new sign-in when the grant is gone or a scope is missing, but only while
 * nothing other than a GET went out: afterwards the tool gets the answer as it is.
 * @see RFC 6750 §2.1 and §3.1
 */
export function authorisedFetch(call: CallContext, authority: CallAuthority, baseFetch: Fetch): Fetch {
  let didWrite = false
  const send = async (credential: Credential, input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    call.assertLive()
    const token = credential.accessToken.reveal()
    authority.onToken(token)
    const request = new Request(input, { redirect: 'manual', ...init, signal: call.signal })
    assertSafe(new URL(request.url))
    if (!['GET', 'HEAD'].includes(request.method)) didWrite = true
    request.headers.set('authorization', `Bearer ${token}`)
    return baseFetch(request)
  }
  const askAgain = (requirement: AuthRequirement, again: string): undefined => {
    if (didWrite || authority.attemptsLeft <= 0) return undefined
    call.suspend({ kind: 'authority', requirement, again })
  }
  return async (input, init) => {
    const { vault, key, provider, context, requirement } = authority
    const held = await vault.fresh({ key, provider, context })
    if ('missing' in held) {
      askAgain(requirement, `The earlier sign-in at ${provider.host} is no longer valid.`)
      throw new CountersignError('invalid_token', `the sign-in at ${provider.host} is no longer valid`)
    }
    const replayable = !(input instanceof Request) && isReplayable(init?.body)
    const wroteBefore = didWrite
    const response = await send(held.credential, input, init)
    if (response.status === 403) {
      const scopes = missingScopes(response)
      if (scopes.length > 0) {
        didWrite = wroteBefore
        askAgain(
          { ...requirement, scopes: union(provider.scopesOf(requirement), scopes) },
          `${provider.host} asks for more than was granted before.`,
        )
      }
    }
    if (response.status !== 401 || !replayable) return response
    didWrite = wroteBefore
    const renewed = await vault.fresh({ key, provider, context, rejected: held.credential.accessToken })
    if ('missing' in renewed) {
      askAgain(requirement, `${provider.host} no longer accepts the earlier sign-in.`)
      return response
    }
    return send(renewed.credential, input, init)
  }
}

/** A token goes over https, or to this machine. */
function assertSafe({ protocol, hostname }: URL): void {
  const isLoopback = hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)
  if (protocol === 'https:' || (protocol === 'http:' && isLoopback)) return
  throw new CountersignError('invalid_request', `a token is sent over https only, not to "${protocol}//${hostname}"`)
}

function isReplayable(body: BodyInit | null | undefined): boolean {
  return !(body instanceof ReadableStream)
}

/** What `insufficient_scope` asks for (RFC 6750 §3.1); nothing when the API does not say. */
function missingScopes(response: Response): readonly string[] {
  const challenge = response.headers.get('www-authenticate') ?? ''
  if (!/error="?insufficient_scope"?/i.test(challenge)) return []
  return /scope="([^"]{1,1000})"/i.exec(challenge)?.[1]?.split(' ').filter(Boolean) ?? []
}

function union(left: readonly string[], right: readonly string[]): readonly string[] {
  return [...new Set([...left, ...right])].toSorted()
}
