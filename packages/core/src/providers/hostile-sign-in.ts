import type { AuthContext, AuthProvider, AuthStep } from '../auth/auth-provider.ts'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import type { JsonObject } from '../protocol/json.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { authorizationCode } from './authorization-code.ts'
import { issued } from './hostile-server.ts'
import type { HostileServer } from './hostile-server.ts'

/** Between whom a sign-in of a test is, and what is asked for. */
export interface SignInParts {
  readonly server: HostileServer
  readonly runtime: Runtime
  readonly scopes?: readonly string[]
  readonly resource?: string
  /** What else the requirement says. */
  readonly requirement?: Partial<AuthRequirement>
  /** Keys of the configuration that differ from the usual. */
  readonly entry?: object
}

/** A sign-in whose browser has been sent out. */
export interface OpenSignIn {
  readonly address: URL
  readonly state: JsonObject
  /** The texts in it. */
  readonly sent: Readonly<Record<string, string>>
  /** Lets the browser come back as it should, but for `change`. */
  readonly comeBack: (change?: (query: URLSearchParams, url: URL) => void) => Promise<SignInEnd>
}

/** How a sign-in ended. */
export interface SignInEnd {
  readonly step?: AuthStep | undefined
  readonly error?: unknown
  /** Which of this sign-in's secrets stand in a text. */
  leaksIn(text: string): readonly string[]
}

export const hostileClient = { id: 'client', secret: 'client-secret-5e2d', code: 'the-code-1d4b' } as const

/** A provider for the scripted server. */
export function hostileProvider({ server, entry = {} }: Pick<SignInParts, 'server' | 'entry'>): AuthProvider {
  const config = authorizationCode.config.parse({
    client_id: hostileClient.id,
    client_secret: hostileClient.secret,
    issuer: server.issuer,
    ...entry,
  })
  return authorizationCode.create(config, { name: 'hostile' })
}

/** What a provider of a test is asked with. */
export function hostileContext(runtime: Runtime, signal?: AbortSignal): AuthContext {
  const principal = { id: 'ada', kind: 'user', roles: [] } as const
  return { runtime, principal, redirectUri: 'http://localhost:8000/auth/redirect', ...(signal && { signal }) }
}

export async function openSignIn(parts: SignInParts): Promise<OpenSignIn> {
  const { server, runtime, scopes = [], resource } = parts
  const provider = hostileProvider(parts)
  const requirement = { provider: 'hostile', scopes, ...(resource !== undefined && { resource }), ...parts.requirement }
  const context = hostileContext(runtime)
  const step = await provider.advance?.(requirement, {}, { type: 'open' }, context)
  if (step?.status !== 'waiting' || step.challenge.kind !== 'oauth_consent') throw new Error('the sign-in was not opened')
  const state = step.state
  const sent = Object.fromEntries(Object.entries(state).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
  const { redirectUri: _public, ...own } = sent
  const basic = btoa(`${hostileClient.id}:${hostileClient.secret}`)
  const secrets = [...Object.values(own), basic, hostileClient.secret, hostileClient.code, ...Object.values(issued)]
  const leaksIn = (text: string): readonly string[] => secrets.filter((secret) => text.includes(secret))
  return {
    address: new URL(step.challenge.authorizationUrl ?? ''),
    state,
    sent,
    async comeBack(change) {
      const url = new URL(sent['redirectUri'] ?? '')
      url.search = new URLSearchParams({ code: hostileClient.code, state: step.correlation ?? '', iss: server.issuer }).toString()
      change?.(url.searchParams, url)
      try {
        return { step: await provider.advance?.(requirement, state, { type: 'redirect', url }, context), leaksIn }
      } catch (error) {
        return { error, leaksIn }
      }
    },
  }
}
