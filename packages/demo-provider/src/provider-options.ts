import type { IncomingMessage, ServerResponse } from 'node:http'

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
  const { log = () => {}, intercept = () => false, observe = () => {} } = options
  return { port, host, redirectUris, accessTokenTtlSeconds, log, intercept, observe }
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
