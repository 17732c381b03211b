import type { AuthProvider } from '@countersign/core'
import type { OauthConfig } from '@countersign/core/providers'
import type { ServerParts } from '../parts/server-parts.ts'
import type { Config } from './load-config.ts'

/** Who signs people in to this server itself. */
export interface SignInParts {
  /** The name of its entry. */
  readonly name: string
  readonly provider: AuthProvider
  readonly isRequired: boolean
}

/** What says who somebody is (OpenID Connect Core §5.4); only the first is needed. */
const IDENTITY_SCOPES = ['openid', 'profile', 'email'] as const

/** The configured provider once more, asked for an identity and nothing else: no tool's scopes, no access while the person is away. */
export function buildSignIn({ general, authentication, parts }: Config<ServerParts>): SignInParts | undefined {
  const { sign_in: signIn } = general.front_end
  const entry = signIn && authentication.get(signIn.provider)
  if (!signIn || !entry) return undefined
  // The check of the whole configuration has let no other type through.
  const config = entry.config as OauthConfig
  const provider = parts.authentication.get(entry.type).create({ ...config, scopes: identityScopes(config.scopes) }, { name: entry.name })
  return { name: entry.name, provider, isRequired: signIn.required }
}

/** As much of the identity as the entry asks for; all of it when it says nothing. */
function identityScopes(configured: readonly string[]): readonly string[] {
  const named = IDENTITY_SCOPES.filter((scope) => configured.includes(scope))
  return named.length === 0 ? IDENTITY_SCOPES : ['openid', ...named.filter((scope) => scope !== 'openid')]
}
