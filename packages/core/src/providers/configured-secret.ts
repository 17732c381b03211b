import { z } from 'zod'
import type { AuthProvider } from '../auth/auth-provider.ts'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import type { Credential } from '../auth/credential.ts'
import { CountersignError } from '../errors.ts'
import { isAllowedAddress } from './oauth-address.ts'
import { scopeSet } from './oauth-scopes.ts'

/** The APIs that a configured secret may go to, as the keys of its entry name them. */
export const secretOrigins = z
  .array(
    z
      .string()
      .refine(isOrigin, 'must be scheme, host and port of an API over https or on this computer, such as https://api.example.com')
      .transform((text) => new URL(text).origin),
  )
  .min(1)
  .max(20)
  .optional()
  .describe('The APIs it may be sent to: scheme, host and port of each. Without it, those that each tool names.')

/** The secret itself never ends, the vault's copy of it does: one that was changed in the configuration counts from then at the latest. */
const COPY_MS = 5 * 60_000

/** A secret of the configuration, on its way to becoming a provider. */
export interface ConfiguredSecret {
  readonly type: string
  /** The name of the entry. */
  readonly name: string
  /** To whom the secret belongs at the API; part of the vault's key. */
  readonly account: string
  readonly origins: readonly string[] | undefined
  readonly credential: Pick<Credential, 'tokenType' | 'accessToken' | 'place'>
}

/** A provider whose credential stands in the configuration: it is there at once, nobody is asked, and it goes only where it is said to belong. */
export function configuredSecret({ type, name, account, origins, credential }: ConfiguredSecret): AuthProvider {
  const [first] = origins ?? []
  const host = first === undefined ? name : new URL(first).host
  const scopesOf = ({ scopes }: AuthRequirement): readonly string[] => scopeSet(scopes)
  const originsOf = ({ origins: wanted }: AuthRequirement): readonly string[] =>
    origins === undefined ? (wanted ?? []) : origins.filter((origin) => wanted?.includes(origin) ?? true)
  return {
    type,
    notifies: false,
    reuse: 'service',
    host,
    clientId: account,
    scopesOf,
    originsOf,
    async begin(requirement, { runtime }) {
      if (originsOf(requirement).length === 0) throw nowhereToGo(name, requirement)
      // What such a secret allows is settled where it was made: nothing here can be compared with a required scope.
      const scopes = scopesOf(requirement)
      return { status: 'granted', credential: { ...credential, host, scopes, expiresAt: runtime.now() + COPY_MS } }
    },
  }
}

/** A secret for whatever address a model comes up with would soon be in wrong hands. */
function nowhereToGo(name: string, { origins }: AuthRequirement): CountersignError {
  const problem = origins === undefined ? 'does not say where its secret may go' : 'is not for the API of this tool'
  return new CountersignError('invalid_config', `auth provider "${name}" ${problem}: give the API in "origins"`)
}

function isOrigin(text: string): boolean {
  if (!isAllowedAddress(text)) return false
  const { pathname, search, hash } = new URL(text)
  return `${pathname}${search}${hash}` === '/'
}
