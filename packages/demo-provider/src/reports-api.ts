import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AccessTokenClaims, ReadAccessToken } from './access-tokens.ts'
import type { DpopProofs } from './dpop-proofs.ts'
import { readBody } from './read-form.ts'

/** What the API works with. */
export interface ReportsDeps {
  /** The audience its tokens must have. */
  readonly resourceId: string
  readonly read: ReadAccessToken
  readonly proofs: DpopProofs
  readonly reports: Reports
}

/** A report of the demo. */
export interface Report {
  readonly title: string
  readonly text: string
  /** Who wrote it: the subject of the token. */
  readonly author: string
}

/** The reports there are; the oldest goes first when there are too many. */
export class Reports {
  #reports: readonly Report[] = SEED

  all(): readonly Report[] {
    return this.#reports
  }

  add(report: Report): void {
    this.#reports = [...this.#reports, report].slice(-LIMIT)
  }

  clear(): void {
    this.#reports = SEED
  }
}

const SEED: readonly Report[] = [
  { title: 'First quarter', text: 'Sales rose by 4 %.', author: 'grace-hopper' },
  { title: 'Second quarter', text: 'Sales rose by 6 %.', author: 'grace-hopper' },
]
const LIMIT = 100

/** An API as others have them: whoever comes needs a token of this provider, made for it, with the scope of what they want to do. */
export async function answerReports(deps: ReportsDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const scope = request.method === 'POST' ? 'write:reports' : 'read:reports'
  const access = await accessOf(deps, request)
  if (typeof access === 'string') return challenge(response, 401, access)
  if (!access.scopes.includes(scope)) return challenge(response, 403, `error="insufficient_scope", scope="${scope}"`)
  if (request.method !== 'POST') return send(response, 200, { reports: deps.reports.all(), asked_by: actorsOf(access) })
  const report = reportOf(await readBody(request), access.sub)
  if (report === undefined) return send(response, 400, { error: 'invalid_request', error_description: 'send a title and a text as JSON' })
  deps.reports.add(report)
  send(response, 201, report)
}

/** The claims of a token that counts here, or what the challenge says (RFC 6750 §3: without any token it names no error). */
async function accessOf({ resourceId, read, proofs }: ReportsDeps, request: IncomingMessage): Promise<AccessTokenClaims | string> {
  const [, scheme = '', token = ''] = /^(\S+) +(\S+)$/.exec(request.headers.authorization ?? '') ?? []
  const wanted = scheme.toLowerCase()
  if (wanted !== 'bearer' && wanted !== 'dpop') return ''
  const claims = await read(token)
  if (claims?.audience !== resourceId) return INVALID_TOKEN
  // A token that is bound to a key is nothing without the key, and a proof is nothing without a bound token (RFC 9449 §7.1).
  if ((claims.boundTo !== undefined) !== (wanted === 'dpop')) return INVALID_TOKEN
  if (claims.boundTo === undefined) return claims
  const isProven = await proofs.check(request, { url: resourceId, token, thumbprint: claims.boundTo })
  return isProven ? claims : 'error="invalid_dpop_proof"'
}

const INVALID_TOKEN = 'error="invalid_token"'

function challenge(response: ServerResponse, status: 401 | 403, parameters: string): void {
  const scheme = parameters.includes('dpop') ? 'DPoP' : 'Bearer'
  response.setHeader('www-authenticate', `${scheme} realm="reports"${parameters === '' ? '' : `, ${parameters}`}`)
  send(response, status, { error: /error="(\w+)"/.exec(parameters)?.[1] ?? 'unauthorized' })
}

/** Who wants this, and who acts for them, outermost last. */
function actorsOf({ sub, clientId, act }: AccessTokenClaims) {
  return { sub, client_id: clientId, ...(act !== undefined && { act }) }
}

function reportOf(body: string | undefined, author: string): Report | undefined {
  try {
    const { title, text } = JSON.parse(body ?? '') as Readonly<Record<string, unknown>>
    return typeof title === 'string' && typeof text === 'string' ? { title, text, author } : undefined
  } catch {
    // What is no JSON object is no report; the caller is told so.
    return undefined
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
