import type { AuthRequirement } from '../auth/auth-requirement.ts'
import type { OauthClientConfig } from './oauth-client-config.ts'
import { resourceParameters } from './oauth-resource.ts'

/** What is to be granted, as parameters of the request that a grant is then polled for (RFC 6749 §3.3, RFC 8707 §2, RFC 9396 §2). */
export function grantParameters(config: OauthClientConfig, requirement: AuthRequirement, scopes: readonly string[]): URLSearchParams {
  const parameters = new URLSearchParams(resourceParameters(config, requirement))
  if (scopes.length > 0) parameters.set('scope', scopes.join(' '))
  const { authorizationDetails = [] } = requirement
  if (authorizationDetails.length > 0) parameters.set('authorization_details', JSON.stringify(authorizationDetails))
  return parameters
}
