import type { AuthProvider } from '../auth/auth-provider.ts'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import { isLive } from '../auth/authorization.ts'
import { authorizationSentence } from '../auth/authorization-sentence.ts'
import { isOwn, isUsable, vaultKey } from '../auth/vault-entry.ts'
import { isCountersignError } from '../errors.ts'
import { errorFacts } from '../runtime/error-facts.ts'
import type { AuthorizationRow } from '../store/rows.ts'
import { admitUnsent } from './admit-unsent.ts'
import { type Admission, type AtGate, requirementFor } from './at-gate.ts'
import { beginAuthorization } from './begin-authorization.ts'
import { refusal } from './refusal.ts'

/** How many credentials may be needed for one another: a configuration that goes in a circle is found out by it. */
const MAX_DEPTH = 4

/** The credential that the tool needs: in the vault, or on its way, or refused. */
export async function admitAuthorised(at: AtGate): Promise<Admission | undefined> {
  const needed = neededBy(at)
  if ('kind' in needed) return needed
  return needed.requirement && admitRequirement(at, needed.requirement, 1)
}

/** A tool that cannot say what it needs is refused: thrown on, its error would undo the unit, again for every holder. */
function neededBy({ tool, input, call, deps, journal }: AtGate): { readonly requirement: AuthRequirement | undefined } | Admission {
  try {
    return { requirement: requirementFor(tool, input, { providers: deps.providers, presence: journal.run.presence }) }
  } catch (error) {
    deps.runtime.log.error('tool failed', { tool: tool.name, run: call.runId, call: call.id, ...errorFacts(error) })
    // A chain that has nobody for who is there.
    const isNobodyThere = isCountersignError(error, 'invalid_config')
    const message = isNobodyThere ? `"${tool.name}" needs somebody to sign in, and nobody is there who could.` : `"${tool.name}" failed.`
    return { kind: 'refused', refusal: refusal('failed', isNobodyThere ? 'access_denied' : 'tool_failed', message) }
  }
}

async function admitRequirement(at: AtGate, requirement: AuthRequirement, depth: number): Promise<Admission | undefined> {
  const { journal, deps, transaction } = at
  const provider = deps.providers.get(requirement.provider)
  if (!provider || depth > MAX_DEPTH) return notConfigured(at, requirement)
  // Nobody is asked for it: the vault has it, or obtains it when it is used.
  if (isOwn(provider)) return undefined
  const key = vaultKey(deps.runtime, { provider, requirement, run: journal.run, callId: at.call.id })
  const mayWait = await admitLive(at, provider, key)
  if (mayWait) return mayWait
  const stored = await transaction.get('credentials', { key })
  if (isUsable(stored, provider.scopesOf(requirement), deps.runtime.now())) return undefined
  const attempts = attemptsFor(at, key)
  const last = attempts.at(-1)
  if ((last && isSettledNo(last)) || attempts.length >= deps.limits.authorizationsPerCall) return refuse(provider, last)
  const { subject, actor } = provider.parties?.(requirement) ?? {}
  for (const party of [subject, actor]) {
    const stop = party && (await admitRequirement(at, party, depth + 1))
    if (stop) return stop
  }
  return beginAuthorization(at, { provider, requirement, key, again: againSentence(last, provider) })
}

function attemptsFor({ journal }: AtGate, key: string): readonly AuthorizationRow[] {
  return journal.authorizations.filter((row) => row.vaultKey === key && journal.calls.some((call) => call.id === row.callId))
}

/**
 * What is on its way is waited for. A found `requested` row was written by somebody who died before the provider answered: it is simply begun again, unless
 * that rings a device twice.
 */
async function admitLive(at: AtGate, provider: AuthProvider, key: string): Promise<Admission | undefined> {
  const live = attemptsFor(at, key).find(isLive)
  if (!live) return undefined
  if (live.state !== 'requested' || at.inFlight.has(live.id)) return { kind: 'blocked' }
  const mayHaveRung = provider.notifies && !at.begun.has(live.id)
  return mayHaveRung ? admitUnsent(at, provider, live) : { kind: 'begin', authorization: live }
}

/** Ends that say nothing about what the person wants: the same may be asked once more. */
const OPEN_ENDS: ReadonlySet<string | null> = new Set(['outcome_unknown', 'sent_again'])

/** Whether a no was said, so that nobody is asked again for this call. */
export function isSettledNo({ state, failureCode }: AuthorizationRow): boolean {
  return state !== 'granted' && !OPEN_ENDS.has(failureCode)
}

function notConfigured({ tool }: AtGate, { provider }: AuthRequirement): Admission {
  const message = `"${tool.name}" needs the provider "${provider}", which is not configured.`
  return { kind: 'refused', refusal: refusal('refused', 'unknown_type', message) }
}

function refuse(provider: AuthProvider, last: AuthorizationRow | undefined): Admission {
  const code = last?.state === 'granted' ? 'insufficient_scope' : (last?.failureCode ?? 'access_denied')
  const message = last?.failureReason ?? authorizationSentence(code, provider)
  const status = last?.state === 'failed' ? 'failed' : last?.state === 'cancelled' ? 'cancelled' : 'refused'
  return { kind: 'refused', refusal: refusal(status, toCode(code), message) }
}

/** Stored codes are ours; text of another time is reported as what it amounts to. */
function toCode(code: string): Parameters<typeof refusal>[1] {
  return KNOWN_CODES.find((known) => known === code) ?? 'upstream_failed'
}

const KNOWN_CODES = [
  'access_denied',
  'cancelled',
  'expired',
  'insufficient_scope',
  'invalid_binding_message',
  'invalid_client',
  'expired_login_hint_token',
  'invalid_authorization_details',
  'invalid_grant',
  'invalid_request',
  'invalid_scope',
  'invalid_target',
  'invalid_user_code',
  'missing_user_code',
  'transaction_failed',
  'unauthorized_client',
  'unknown_user_id',
] as const

function againSentence(last: AuthorizationRow | undefined, provider: AuthProvider): string | undefined {
  if (!last) return undefined
  if (last.failureCode === 'sent_again') return 'It was sent once more: only the newest request on the device counts.'
  if (last.state === 'granted') return `The earlier sign-in at ${provider.host} is no longer accepted.`
  return `${authorizationSentence(last.failureCode ?? 'outcome_unknown', provider)} ${provider.notifies ? 'It was asked for again.' : 'Please sign in again.'}`
}
