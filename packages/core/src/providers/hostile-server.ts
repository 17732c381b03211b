import { toBase64url } from '../runtime/base64url.ts'

/** Answers one request to the scripted server; `form` is the request's body. */
export type Answer = (form: URLSearchParams, request: Request) => Response | Promise<Response>

/** An authorization server for tests: well-behaved, but for what a test scripts. It speaks Request and Response; a test opens the port. */
export interface HostileServer {
  readonly issuer: string
  /** Paths and what answers them; a test writes here. */
  readonly script: Record<string, Answer>
  readonly requests: readonly { readonly path: string; readonly form: URLSearchParams; readonly headers: Headers }[]
  answer(request: Request): Promise<Response>
  /** How many requests have come for `path`. */
  count(path: string): number
  /** Resolves when the next request for `path` has come. */
  arrival(path: string): Promise<void>
}

/** Paths of the scripted server. */
export const paths = {
  oidc: '/.well-known/openid-configuration',
  oauth2: '/.well-known/oauth-authorization-server',
  token: '/token',
  revocation: '/revoke',
} as const

/** What it answers with when nothing is scripted; looked for wherever nothing secret may appear. */
export const issued = { accessToken: 'issued-access-token-7f3a', refreshToken: 'issued-refresh-token-9c1b' } as const

export function hostileServer(issuer: string): HostileServer {
  const requests: { path: string; form: URLSearchParams; headers: Headers }[] = []
  const waiting: { path: string; come: () => void }[] = []
  const script: Record<string, Answer> = {
    [paths.oidc]: () => Response.json(metadata(issuer)),
    [paths.token]: () => Response.json(tokenBody()),
    [paths.revocation]: () => new Response(null),
  }
  return {
    issuer,
    script,
    requests,
    count: (path) => requests.filter((request) => request.path === path).length,
    arrival: (path) => new Promise((come) => void waiting.push({ path, come })),
    async answer(request) {
      const path = new URL(request.url).pathname
      const form = new URLSearchParams(await request.text())
      requests.push({ path, form, headers: request.headers })
      for (const each of waiting.filter((one) => one.path === path)) each.come()
      return (await script[path]?.(form, request)) ?? new Response('not here', { status: 404 })
    },
  }
}

/** Metadata as it should be (RFC 8414 §2), but for `changes`. */
export function metadata(issuer: string, changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}${paths.token}`,
    revocation_endpoint: `${issuer}${paths.revocation}`,
    authorization_response_iss_parameter_supported: true,
    ...changes,
  }
}

/** A token answer as it should be (RFC 6749 §5.1), but for `changes`. */
export function tokenBody(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { access_token: issued.accessToken, token_type: 'Bearer', expires_in: 300, refresh_token: issued.refreshToken, ...changes }
}

/** An ID token with these claims; its signature is nonsense, as nobody checks what came straight from the token endpoint. */
export function idToken(claims: Readonly<Record<string, unknown>>): string {
  return [{ alg: 'RS256' }, claims].map((part) => toBase64url(new TextEncoder().encode(JSON.stringify(part)))).join('.') + '.c2lnbmF0dXJl'
}

/** A body that goes on for ever, `chunkBytes` at a time; `sent` tells how much was taken. */
export function endlessBody(chunkBytes = 65_536): { readonly body: ReadableStream<Uint8Array<ArrayBuffer>>; readonly sent: () => number } {
  let sent = 0
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      sent += chunkBytes
      controller.enqueue(new Uint8Array(chunkBytes).fill(32))
    },
  })
  return { body, sent: () => sent }
}

/** A body that sends `start` and then nothing more, without ending. */
export function stallingBody(start: string): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode(start)) })
}

/** An answer that never comes. */
export function silence(): Promise<Response> {
  return new Promise(() => undefined)
}
