import { Registry } from '../registry.ts'
import { authorizationCode } from './authorization-code.ts'
import type { ProviderDefinition } from './define-provider.ts'

/** The auth providers that come with Countersign, by the `_type` of their entries. */
export const providers: Registry<ProviderDefinition> = new Registry<ProviderDefinition>('auth provider', {
  [authorizationCode.type]: authorizationCode,
})

export { authorizationCode } from './authorization-code.ts'
export { defineProvider } from './define-provider.ts'
export type { ProviderDefinition, ProviderSetup } from './define-provider.ts'
export { oauthConfig } from './oauth-config.ts'
export type { OauthConfig } from './oauth-config.ts'
export type { FetchLimits } from './oauth-fetch.ts'
