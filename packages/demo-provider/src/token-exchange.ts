import type { Provider, TokenEndpointGrantContext } from 'oidc-provider'
import type { AccessTokenClaims, ReadAccessToken } from './access-tokens.ts'
import { TOKEN_EXCHANGE } from './client-metadata.ts'
import { resourceServerOf } from './demo-resources.ts'
import type { DemoResource, DemoResources } from './demo-resources.ts'
import type { OidcLibrary } from './oidc-library.ts'
import type { DemoRuntime } from './runtime.ts'
import { saveGrant } from './save-grant.ts'

/** What exchanging tokens takes. */
export interface TokenExchangeDeps {
  readonly library: OidcLibrary
  readonly provider: Provider
  readonly resources: DemoResources
  readonly read: ReadAccessToken
  readonly runtime: Pick<DemoRuntime, 'now'>
  readonly accessTokenTtlSeconds: number
}

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'
/** RFC 8693 §2.1. A JWT that is an access token may be called either. */
const SUBJECT_TYPES: ReadonlySet<unknown> = new Set([ACCESS_TOKEN, 'urn:ietf:params:oauth:token-type:jwt'])
const PARAMETERS = [
  'resource',
  'audience',
  'scope',
  'requested_token_type',
  'subject_token',
  'subject_token_type',
  'actor_token',
  'actor_token_type',
]

interface Params {
  readonly resource?: string | undefined
  readonly audience?: string | undefined
  readonly scope?: string | undefined
  readonly requested_token_type?: string | undefined
  readonly subject_token?: string | undefined
  readonly subject_token_type?: string | undefined
  readonly actor_token?: string | undefined
  readonly actor_token_type?: string | undefined
}
type Context = TokenEndpointGrantContext<Params>

/** Teaches the token endpoint to exchange a person's token for a narrower one of an agent that acts for them (RFC 8693). */
export function offerTokenExchange(deps: TokenExchangeDeps): void {
  deps.provider.registerGrantType<Params>(TOKEN_EXCHANGE, (context) => exchange(deps, context), PARAMETERS)
}

async function exchange(deps: TokenExchangeDeps, context: Context): Promise<void> {
  const { errors } = deps.library
  const { params, client } = context.oidc
  if (![undefined, ACCESS_TOKEN].includes(params.requested_token_type))
    throw new errors.InvalidRequest('requested_token_type must be an access token')
  const target = params.resource ?? params.audience ?? ''
  const resource = deps.resources.forClient(target, client.clientId)
  if (resource === undefined) throw new errors.InvalidTarget()
  const subject = await partyOf(deps, context, 'subject')
  const actor = params.actor_token === undefined ? undefined : await partyOf(deps, context, 'actor')
  const scopes = narrowed(deps, { resource, subject, wanted: params.scope ?? '' })
  // Whoever acted for the person before stays in the token, behind whoever acts now (RFC 8693 §4.1).
  const act = { sub: actor?.sub ?? client.clientId, ...(subject.act !== undefined && { act: subject.act }) }
  const { value, expiresIn } = await issue(deps, { context, resource, subject, scopes, act })
  context.body = {
    access_token: value,
    issued_token_type: ACCESS_TOKEN,
    token_type: 'Bearer',
    expires_in: expiresIn,
    scope: scopes.join(' '),
  }
}

/**
 * Whose token this is. It must be one of ours that still counts, and one that this client may have seen: made for an API it may use, or
 * for nobody but this provider. One that is bound to a key of another client is of no use to this one.
 */
async function partyOf({ library, provider, resources, read }: TokenExchangeDeps, context: Context, party: 'subject' | 'actor') {
  const { errors } = library
  const { params, client } = context.oidc
  const token = params[`${party}_token`]
  if (token === undefined || !SUBJECT_TYPES.has(params[`${party}_token_type`]))
    throw new errors.InvalidRequest(`${party}_token and ${party}_token_type must be those of an access token`)
  const claims = (await read(token)) ?? (await opaqueClaims(provider, token))
  const isForClient = claims?.audience === undefined || resources.forClient(claims.audience, client.clientId) !== undefined
  const isBoundElsewhere = claims?.boundTo !== undefined && claims.clientId !== client.clientId
  if (claims === undefined || !isForClient || isBoundElsewhere) throw new errors.InvalidGrant(`${party}_token is not valid here`)
  return claims
}

async function opaqueClaims(provider: Provider, value: string): Promise<AccessTokenClaims | undefined> {
  const token = await provider.AccessToken.find(value)
  if (token === undefined || !token.isValid) return undefined
  return {
    sub: token.accountId,
    clientId: token.clientId ?? '',
    audience: undefined,
    scopes: token.scope?.split(' ') ?? [],
    expiresAt: token.exp ?? 0,
    act: token.extra?.['act'],
    boundTo: token.jkt,
  }
}

/** Scopes have to be named, exist at the API, and be the person's to give on: an exchange never widens. */
function narrowed(
  { library }: TokenExchangeDeps,
  { resource, subject, wanted }: { readonly resource: DemoResource; readonly subject: AccessTokenClaims; readonly wanted: string },
): readonly string[] {
  const scopes = wanted.split(' ').filter((scope) => scope !== '')
  const refused = scopes.find((scope) => !(scope in resource.scopes) || !subject.scopes.includes(scope))
  if (scopes.length === 0 || refused !== undefined)
    throw new library.errors.InvalidScope('the subject token does not hold this scope for this resource', refused ?? '')
  return scopes
}

interface Issue {
  readonly context: Context
  readonly resource: DemoResource
  readonly subject: AccessTokenClaims
  readonly scopes: readonly string[]
  readonly act: object
}

/** The new token ends with the old one at the latest. */
async function issue(deps: TokenExchangeDeps, { context, resource, subject, scopes, act }: Issue) {
  const { provider, resources, runtime, accessTokenTtlSeconds } = deps
  const { client } = context.oidc
  const allowance = { accountId: subject.sub, clientId: client.clientId, scopes, resources: [resource.id] }
  const grant = await saveGrant(provider, resources, allowance)
  const server = resourceServerOf(resource, accessTokenTtlSeconds)
  const expiresIn = Math.min(server.accessTokenTTL ?? accessTokenTtlSeconds, subject.expiresAt - Math.floor(runtime.now() / 1000))
  const token = new provider.AccessToken({
    accountId: subject.sub,
    client,
    grantId: grant.jti,
    gty: 'token_exchange',
    scope: scopes.join(' '),
    extra: { act },
  })
  token.resourceServer = new provider.ResourceServer(resource.id, { ...server, accessTokenTTL: Math.max(1, expiresIn) })
  return { value: await token.save(), expiresIn: token.expiration }
}
