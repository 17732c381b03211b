import type { IncomingMessage, ServerResponse } from 'node:http'
import { accountOf } from './demo-accounts.ts'
import type { DemoAccount } from './demo-accounts.ts'
import { DEMO_CLIENTS, HEADLESS_CLIENTS } from './demo-clients.ts'
import type { DemoClient } from './demo-clients.ts'
import type { DemoResource } from './demo-resources.ts'
import { systemRuntime } from './runtime.ts'

/** How to start the demo provider; everything has a default. */
export interface DemoProviderOptions {
  /** TCP port, default 5001; 0 takes a free one. */
  readonly port?: number | undefined
  /** Where to listen, default `127.0.0.1`; only `127.0.0.1`, `::1` and `localhost` are accepted. */
  readonly host?: string | undefined
  /** Redirect URIs of all seeded clients, compared character by character; default `http://localhost:8000/auth/redirect`. */
  readonly redirectUris?: readonly string[] | undefined
  /** Lifetime of an access token in seconds, default 300, at most a day. */
  readonly accessTokenTtlSeconds?: number | undefined
  /** Clients beside the seeded ones. */
  readonly clients?: readonly DemoClient[] | undefined
  /** APIs to issue tokens for, beside the provider's own reports. */
  readonly resources?: readonly DemoResource[] | undefined
  /** Who can be asked on the phone without having signed in before; default: Ada Lovelace and Grace Hopper. */
  readonly people?: readonly DemoAccount[] | undefined
  /** How far apart polls must be, in seconds, default 5; tests may ask for fractions. */
  readonly pollIntervalSeconds?: number | undefined
  /** Where `countersign-ciba-ping` is pinged; default `/auth/ping` beside the first redirect URI on loopback. */
  readonly pingEndpoint?: string | undefined
  /** Delivers pings; default: the real thing. */
  readonly fetch?: typeof fetch | undefined
  /** Receives one line per noteworthy event, never with a token or a secret in it; silent by default. */
  readonly log?: ((line: string) => void) | undefined
  /** Called before everything else; answers `true` when it dealt with the request itself. For fault injection in tests. */
  readonly intercept?: ((request: IncomingMessage, response: ServerResponse) => Promise<boolean> | boolean) | undefined
  /** Called after each answer of the token endpoint. */
  readonly observe?: ((request: ObservedTokenRequest) => void) | undefined
}

/** What may be told of a token request: never a token. */
export interface ObservedTokenRequest {
  readonly path: string
  /** HTTP status of the answer. */
  readonly status: number
  /** As sent; `undefined` when it was missing, or when `intercept` answered. */
  readonly grantType: string | undefined
}

/** The options with defaults filled in and checked. */
export interface DemoProviderSettings {
  readonly port: number
  readonly host: string
  readonly redirectUris: readonly string[]
  readonly accessTokenTtlSeconds: number
  /** All of them, the seeded ones first. */
  readonly clients: readonly DemoClient[]
  readonly resources: readonly DemoResource[]
  readonly people: readonly DemoAccount[]
  readonly pollIntervalSeconds: number
  readonly fetch: typeof fetch
  readonly log: (line: string) => void
  readonly intercept: (request: IncomingMessage, response: ServerResponse) => Promise<boolean> | boolean
  readonly observe: (request: ObservedTokenRequest) => void
}

/**
 * Fills in the defaults and refuses what cannot work or must not be.
 * @throws TypeError naming the option and what it may be
 */
export function settingsOf(options: DemoProviderOptions): DemoProviderSettings {
  const { port = 5001, host = '127.0.0.1', redirectUris = ['http://localhost:8000/auth/redirect'], accessTokenTtlSeconds = 300 } = options
  checkWholeNumber('port', port, [0, 65535])
  checkWholeNumber('accessTokenTtlSeconds', accessTokenTtlSeconds, [1, 86_400])
  if (!LOOPBACK_HOSTS.has(host)) {
    const known = [...LOOPBACK_HOSTS].join(', ')
    throw new TypeError(`host must be a loopback address (${known}), not "${host}": here anybody may sign in as anybody`)
  }
  if (redirectUris.length === 0) throw new TypeError('redirectUris must hold at least one URI')
  for (const uri of redirectUris) checkRedirectUri(uri)
  const { pollIntervalSeconds = 5, resources = [], people = PEOPLE, fetch = systemRuntime.fetch } = options
  const isPace = pollIntervalSeconds > 0 && pollIntervalSeconds <= 60
  if (!isPace) throw new TypeError(`pollIntervalSeconds must be more than 0 and at most 60, not "${pollIntervalSeconds}"`)
  const clients = clientsOf(options, redirectUris)
  const { log = () => {}, intercept = () => false, observe = () => {} } = options
  return {
    port,
    host,
    redirectUris,
    accessTokenTtlSeconds,
    clients,
    resources,
    people,
    pollIntervalSeconds,
    fetch,
    log,
    intercept,
    observe,
  }
}

const PEOPLE = ['Ada Lovelace', 'Grace Hopper'].flatMap((name) => accountOf(name) ?? [])

/** The seeded clients and the given ones; no two may share an id, and each may be pinged on this computer only. */
function clientsOf({ clients = [], pingEndpoint }: DemoProviderOptions, redirectUris: readonly string[]): readonly DemoClient[] {
  const { cibaPing } = HEADLESS_CLIENTS
  const pinged = { ...cibaPing, pingEndpoint: pingEndpoint ?? usualPingEndpoint(redirectUris) }
  const headless = Object.values(HEADLESS_CLIENTS).map((client) => (client === cibaPing ? pinged : client))
  const all: readonly DemoClient[] = [...Object.values(DEMO_CLIENTS), ...headless, ...clients]
  for (const { clientId, pingEndpoint: endpoint } of [...clients, { clientId: pinged.clientId, pingEndpoint }]) {
    if (all.filter((client) => client.clientId === clientId).length > 1) throw new TypeError(`there are two clients "${clientId}"`)
    if (endpoint !== undefined && !isLoopbackUrl(endpoint))
      throw new TypeError(`the ping endpoint of "${clientId}" must be an http address on loopback, not "${endpoint}"`)
  }
  return all
}

/** Beside the first redirect URI on this computer: nobody is called who is not here. */
function usualPingEndpoint(redirectUris: readonly string[]): string {
  return new URL('/auth/ping', redirectUris.find(isLoopbackUrl) ?? 'http://localhost:8000').href
}

function isLoopbackUrl(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, hostname } = new URL(address)
  return protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname)
}

const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost'])

function checkWholeNumber(name: string, value: number, [least, most]: readonly [number, number]): void {
  const isFine = Number.isInteger(value) && value >= least && value <= most
  if (!isFine) throw new TypeError(`${name} must be a whole number from ${least} to ${most}, not "${value}"`)
}

/** Absolute, http or https, no fragment (RFC 6749 §3.1.2). */
function checkRedirectUri(uri: string): void {
  const isWeb = URL.canParse(uri) && ['http:', 'https:'].includes(new URL(uri).protocol)
  if (!isWeb || uri.includes('#')) throw new TypeError(`redirect URI must be an http or https URL without a fragment, not "${uri}"`)
}
