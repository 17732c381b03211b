import { Registry } from '../registry.ts'
import { apiKey } from './api-key.ts'
import { authorizationCode } from './authorization-code.ts'
import { ciba } from './ciba.ts'
import { clientCredentials } from './client-credentials.ts'
import type { ProviderDefinition } from './define-provider.ts'
import { deviceCode } from './device-code.ts'
import { httpBasic } from './http-basic.ts'
import { providerChain } from './provider-chain.ts'
import { tokenExchange } from './token-exchange.ts'

/** The auth providers that come with Countersign, by the `_type` of their entries. */
export const providers: Registry<ProviderDefinition> = new Registry<ProviderDefinition>('auth provider', {
  [apiKey.type]: apiKey,
  [authorizationCode.type]: authorizationCode,
  [ciba.type]: ciba,
  [clientCredentials.type]: clientCredentials,
  [deviceCode.type]: deviceCode,
  [httpBasic.type]: httpBasic,
  [providerChain.type]: providerChain,
  [tokenExchange.type]: tokenExchange,
})

export { authorizationCode } from './authorization-code.ts'
export { defineProvider } from './define-provider.ts'
export type { ProviderDefinition, ProviderSetup } from './define-provider.ts'
export { oauthConfig } from './oauth-config.ts'
export type { OauthConfig } from './oauth-config.ts'
export { isAllowedEndpoint } from './oauth-address.ts'
export { oauthFetch } from './oauth-fetch.ts'
export type { FetchLimits } from './oauth-fetch.ts'
