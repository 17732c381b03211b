import type { BackchannelAuthenticationRequest, Client, Configuration } from 'oidc-provider'
import { parseDetails } from './authorization-details.ts'
import type { DemoAccounts } from './demo-accounts.ts'
import type { DemoResources } from './demo-resources.ts'
import type { OidcLibrary } from './oidc-library.ts'
import type { PhoneRequests } from './phone/phone-requests.ts'
import { isPrintable } from './printable.ts'
import { askedScopes, splitScope, textsOf } from './scope-words.ts'

/** What asking people on their phones takes. */
export interface BackchannelDeps {
  readonly library: OidcLibrary
  readonly accounts: DemoAccounts
  readonly requests: PhoneRequests
  readonly resources: DemoResources
  readonly issuer: string
}

type Ciba = NonNullable<NonNullable<Configuration['features']>['ciba']>

const BINDING_MESSAGE_LIMIT = 64
const USUAL_SECONDS = 300
const LONGEST_SECONDS = 600

/** OpenID Connect CIBA in poll and ping mode: who is meant, what may stand in a request, and whose phone rings. */
export function backchannel({ library, accounts, requests, resources, issuer }: BackchannelDeps): Ciba {
  const { errors } = library
  return {
    enabled: true,
    deliveryModes: ['poll', 'ping'],
    processLoginHint: (_context, hint = '') => personOf(hint),
    processLoginHintToken() {
      throw new errors.InvalidRequest('login_hint_token is not supported')
    },
    verifyUserCode(_context, account, userCode) {
      const wanted = accounts.find(account.accountId)?.userCode
      if (wanted === undefined) return
      if (userCode === undefined) throw new errors.MissingUserCode()
      if (userCode !== wanted) throw new errors.InvalidUserCode()
    },
    validateRequestContext() {},
    validateBindingMessage(_context, message) {
      if (message === undefined || isPrintable(message, BINDING_MESSAGE_LIMIT)) return
      throw new errors.InvalidBindingMessage(`binding_message must be 1 to ${BINDING_MESSAGE_LIMIT} printable characters`)
    },
    triggerAuthenticationDevice(...[, request, account, client]) {
      const asked = textsOf(request.resource)
      const scopes = askedScopes(splitScope(request.scope), resources, asked).map(({ scope }) => scope)
      requests.ring({ ...wordsOf(request, client), accountId: account.accountId, scopes, resources: asked })
    },
  }

  /** A subject, an e-mail address, or both issuer and subject as JSON (RFC 9493 §3.2.3). */
  function personOf(hint: string): string | undefined {
    if (!hint.startsWith('{')) return (accounts.find(hint) ?? accounts.findByEmail(hint))?.sub
    const named = parseFields(hint)
    if (named === undefined) throw new errors.InvalidRequest('login_hint is not JSON')
    const isOurs = named['format'] === 'iss_sub' && String(named['iss']).replace(/\/$/, '') === issuer
    return isOurs ? accounts.find(String(named['sub']))?.sub : undefined
  }
}

/** How long a request can be answered, in seconds: as asked, within limits. */
export function requestLifetime(requestedExpiry: unknown): number {
  const wanted = Number(requestedExpiry ?? USUAL_SECONDS)
  return Math.min(LONGEST_SECONDS, wanted > 0 ? wanted : USUAL_SECONDS)
}

function wordsOf({ jti, expiration, params = {} }: BackchannelAuthenticationRequest, client: Client) {
  const message = params['binding_message']
  return {
    authReqId: jti,
    clientId: client.clientId,
    clientName: client.clientName ?? client.clientId,
    bindingMessage: typeof message === 'string' ? message : undefined,
    details: parseDetails(params['authorization_details']),
    lifetimeSeconds: expiration,
  }
}

function parseFields(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    // A hint that is no JSON is the caller's mistake, and it is told so.
    return undefined
  }
}
