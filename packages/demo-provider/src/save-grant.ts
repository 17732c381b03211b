import type { Provider } from 'oidc-provider'
import type { DemoResources } from './demo-resources.ts'
import { SCOPE_WORDS } from './scopes.ts'

/** What a person allows a client. */
export interface Allowance {
  readonly accountId: string
  readonly clientId: string
  readonly scopes: readonly string[]
  /** The APIs it was asked for. */
  readonly resources: readonly string[]
}

/** Writes down what a person allowed, each scope where it belongs, and answers with the grant. */
export async function saveGrant(provider: Provider, known: DemoResources, allowance: Allowance): Promise<InstanceType<Provider['Grant']>> {
  const grant = new provider.Grant({ accountId: allowance.accountId, clientId: allowance.clientId })
  grant.addOIDCScope(allowance.scopes.filter((scope) => SCOPE_WORDS.has(scope)).join(' '))
  for (const id of allowance.resources) {
    const scopes = known.find(id)?.scopes ?? {}
    grant.addResourceScope(id, allowance.scopes.filter((scope) => scope in scopes).join(' '))
  }
  await grant.save()
  return grant
}
