import type { AuthContext } from '../auth/auth-provider.ts'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import { CountersignError } from '../errors.ts'
import type { CibaConfig } from './ciba-config.ts'
import { grantParameters } from './grant-parameters.ts'

/** What a request to ask somebody is made of, besides who asks. */
export interface CibaAsk {
  readonly requirement: AuthRequirement
  readonly scopes: readonly string[]
  readonly hint: Hint
  /** By which a ping is believed (CIBA Core §7.1). */
  readonly pingToken?: string | undefined
}

/** Who is to be asked: one hint, and the `sub` it means, where that is known. */
export interface Hint {
  readonly parameter: 'login_hint' | 'id_token_hint'
  readonly value: string
  readonly subject?: string | undefined
}

/** The parameters of an authentication request (CIBA Core §7.1). */
export function cibaParameters(config: CibaConfig, { requirement, scopes, hint, pingToken }: CibaAsk): URLSearchParams {
  const { bindingMessage, requestedExpirySeconds = config.requested_expiry_seconds } = requirement
  const acrValues = acrValuesOf(config, requirement)
  const own: Readonly<Record<string, string | undefined>> = {
    [hint.parameter]: hint.value,
    binding_message: bindingMessage,
    client_notification_token: pingToken,
    requested_expiry: requestedExpirySeconds === undefined ? undefined : String(requestedExpirySeconds),
    acr_values: acrValues.length === 0 ? undefined : acrValues.join(' '),
    audience: config.audience,
  }
  const parameters = grantParameters(config, requirement, scopes)
  for (const [name, value] of Object.entries(own)) if (value !== undefined) parameters.set(name, value)
  return parameters
}

/** How strongly whoever is asked must prove who they are. */
export function acrValuesOf(config: CibaConfig, { acrValues }: AuthRequirement): readonly string[] {
  return acrValues ?? config.acr_values
}

/**
 * Who is to be asked: exactly one hint is sent (CIBA Core §7.1).
 * @throws CountersignError `invalid_config` when nobody is named, or two are
 */
export function hintOf(
  config: CibaConfig,
  { loginHint }: AuthRequirement,
  { name, issuer, parties }: { readonly name: string; readonly issuer: string } & Pick<AuthContext, 'parties'>,
): Hint {
  const unusable = (why: string): CountersignError =>
    new CountersignError('invalid_config', `auth provider "${name}" does not know whom to ask: ${why}`)
  const { id_token_hint_from, login_hint_format, hint_issuer } = config
  if (id_token_hint_from !== undefined) {
    if (loginHint !== undefined) throw unusable(`the tool names somebody, and so does its key "id_token_hint_from"`)
    const { idToken, subject } = parties?.subject ?? {}
    if (idToken === undefined) throw unusable(`there is no ID token of "${id_token_hint_from}"; it needs the scope openid`)
    return { parameter: 'id_token_hint', value: idToken.reveal(), subject }
  }
  if (loginHint === undefined || loginHint === '') throw unusable('the tool gives no login hint')
  if (login_hint_format === 'plain') return { parameter: 'login_hint', value: loginHint }
  const value = JSON.stringify({ format: 'iss_sub', iss: hint_issuer ?? issuer, sub: loginHint })
  return { parameter: 'login_hint', value, subject: loginHint }
}
