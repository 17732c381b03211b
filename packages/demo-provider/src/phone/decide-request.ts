import type { BackchannelAuthenticationRequest, Provider } from 'oidc-provider'
import type { DemoResources } from '../demo-resources.ts'
import type { OidcLibrary } from '../oidc-library.ts'
import type { DemoRuntime } from '../runtime.ts'
import { saveGrant } from '../save-grant.ts'
import type { PhoneRequest, PhoneRequests, Taking } from './phone-requests.ts'

/** What deciding a request takes. */
export interface DecideDeps {
  readonly library: OidcLibrary
  readonly provider: Provider
  readonly requests: PhoneRequests
  readonly resources: DemoResources
  readonly runtime: Pick<DemoRuntime, 'now'>
  readonly log: (line: string) => void
}

/** What a person says to a request; `scopes` are those they leave in. */
export type PhoneDecision = { readonly type: 'deny' } | { readonly type: 'approve'; readonly scopes: readonly string[] }

/** Decides a request once, for good: only its own person, only in time, never more than was asked. */
export async function decideRequest(
  deps: DecideDeps,
  { id, accountId, decision }: { readonly id: string; readonly accountId: string; readonly decision: PhoneDecision },
): Promise<Taking> {
  const { provider, library, requests, log } = deps
  if (decision.type === 'deny') {
    const taking = requests.take(id, accountId, 'denied')
    if (taking.result === 'taken') {
      log(`denied on the phone: "${taking.request.clientId}" for "${accountId}"`)
      await provider.backchannelResult(taking.request.authReqId, new library.errors.AccessDenied())
    }
    return taking
  }
  const asked = requests.find(id, accountId)
  if (asked === undefined) return { result: 'unknown' }
  const request = await provider.BackchannelAuthenticationRequest.find(asked.authReqId)
  if (request === undefined) return { result: 'over', state: asked.state === 'pending' ? 'expired' : asked.state }
  const scopes = kept(asked, decision.scopes)
  const taking = requests.take(id, accountId, scopes.length === asked.scopes.length ? 'approved' : 'narrowed')
  if (taking.result === 'taken') await approve(deps, { asked, request, scopes })
  return taking
}

/** Identity itself cannot be taken out of a request: without `openid` there would be none (CIBA §7.1). */
function kept(asked: PhoneRequest, chosen: readonly string[]): readonly string[] {
  return asked.scopes.filter((scope) => scope === 'openid' || chosen.includes(scope))
}

interface Approval {
  readonly asked: PhoneRequest
  readonly request: BackchannelAuthenticationRequest
  readonly scopes: readonly string[]
}

async function approve({ provider, resources, runtime, log }: DecideDeps, { asked, request, scopes }: Approval): Promise<void> {
  const { accountId, clientId, details } = asked
  const grant = await saveGrant(provider, resources, { accountId, clientId, scopes, resources: asked.resources })
  // What was left out must not come back by way of the request, for instance as a refresh token.
  request.scope = scopes.join(' ')
  log(`approved on the phone: "${clientId}" for "${accountId}"`)
  await provider.backchannelResult(request, grant, {
    authTime: Math.floor(runtime.now() / 1000),
    ...(details.length > 0 && { rar: [...details] }),
  })
}
