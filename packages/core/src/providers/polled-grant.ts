import type * as oauth from 'oauth4webapi'
import type { AuthStep } from '../auth/auth-provider.ts'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import { CountersignError } from '../errors.ts'
import { coversDetails } from './granted-details.ts'
import { idTokenClaims } from './id-token.ts'
import type { OauthClientConfig } from './oauth-client-config.ts'
import { oauthFailure } from './oauth-failure.ts'
import type { OauthParty } from './oauth-party.ts'
import { grantedScopes, scopeSet, withheldScopes } from './oauth-scopes.ts'
import type { Polled } from './polling.ts'
import { toCredential } from './token-credential.ts'

/** What was asked for, which the answer is held against. */
export interface AskedGrant {
  readonly host: string
  readonly requirement: AuthRequirement
  readonly scopes: readonly string[]
  /** The `sub` of whoever was to be asked, where that is known: nobody else's approval counts. */
  readonly subject?: string | undefined
  /** How strongly they had to prove who they are: one of these. */
  readonly acrValues?: readonly string[] | undefined
}

type Answered = Extract<Polled<OauthParty<OauthClientConfig, 'token_endpoint'>>, { status: 'answered' }>

/**
 * What a token that was polled for comes to: a credential, or a refusal where less was granted than was asked for. Whom its ID token names is nobody's
 * identity here: who decides on another device need not be who sits at this one.
 * @throws CountersignError `upstream_failed`
 */
export async function polledGrant({ answer, askedAt, party }: Answered, asked: AskedGrant): Promise<AuthStep> {
  const { config, name, proofKey } = party
  const { host, requirement, scopes } = asked
  const where = `the token endpoint of auth provider "${name}"`
  try {
    const claims = await idTokenClaims(answer, config.client_id, where)
    checkPerson(claims, asked, where)
    const granted = grantedScopes(answer.scope, scopes)
    const hasIdToken = claims !== undefined
    const withheld = withheldScopes(scopes, granted, hasIdToken)
    if (withheld.length > 0) return { status: 'refused', code: 'insufficient_scope', reason: `not granted: ${withheld.join(' ')}` }
    if (!coversDetails(answer.authorization_details ?? [], requirement.authorizationDetails ?? []))
      return { status: 'refused', code: 'insufficient_scope', reason: 'not granted in the detail that was asked for' }
    const credential = toCredential(answer, {
      host,
      askedAt,
      // Nothing that is needed was withheld: what only has another name, or no effect, is not asked for again.
      scopes: scopeSet(granted, scopes),
      subject: claims?.sub,
      resource: requirement.resource,
      proofKey,
      party: where,
    })
    return { status: 'granted', credential }
  } catch (cause) {
    throw oauthFailure(cause, where)
  }
}

/** CIBA Core §7.1: the hint says who is to be asked; OpenID Connect Core §2: `acr` says how they proved who they are. */
function checkPerson(claims: oauth.IDToken | undefined, { subject, acrValues = [] }: AskedGrant, where: string): void {
  if (subject !== undefined && claims?.sub !== subject) {
    throw new CountersignError('upstream_failed', `${where} answered for another person than the one who was to be asked`, {
      details: { claim: 'sub' },
    })
  }
  if (acrValues.length > 0 && !acrValues.some((each) => each === claims?.['acr'])) {
    throw new CountersignError('upstream_failed', `${where} does not say that the person proved who they are as it was asked for (acr)`, {
      details: { claim: 'acr' },
    })
  }
}
