import { tooSoonToAsk } from '../auth/asking-pace.ts'
import type { AuthProvider } from '../auth/auth-provider.ts'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import { isLive, requestAuthorization } from '../auth/authorization.ts'
import { authorizationSentence } from '../auth/authorization-sentence.ts'
import { isUsable, vaultKey } from '../auth/vault-entry.ts'
import { errorFacts } from '../runtime/error-facts.ts'
import { keep } from '../store/journal.ts'
import type { AuthorizationRow } from '../store/rows.ts'
import { type Admission, type AtGate, requirementFor } from './at-gate.ts'
import { refusal } from './refusal.ts'
import { roomToAsk } from './room-to-ask.ts'

/** The credential that the tool needs: in the vault, or on its way, or refused. */
export async function admitAuthorised(at: AtGate): Promise<Admission | undefined> {
  const needed = neededBy(at)
  if ('kind' in needed) return needed
  const { requirement } = needed
  if (!requirement) return undefined
  const provider = at.deps.providers.get(requirement.provider)
  if (!provider)
    return {
      kind: 'refused',
      refusal: refusal(
        'refused',
        'unknown_type',
        `"${at.tool.name}" needs the provider "${requirement.provider}", which is not configured.`,
      ),
    }
  const key = vaultKey(at.deps.runtime, { provider, requirement, run: at.journal.run, callId: at.call.id })
  const attempts = at.journal.authorizations.filter(
    (row) => row.vaultKey === key && at.journal.calls.some((call) => call.id === row.callId),
  )
  const live = attempts.find(isLive)
  if (live) return continueLive(at, provider, live)
  const stored = await at.transaction.get('credentials', { key })
  if (isUsable(stored, provider.scopesOf(requirement), at.deps.runtime.now())) return undefined
  const last = attempts.at(-1)
  const isSettledNo = last !== undefined && last.state !== 'granted' && last.failureCode !== 'outcome_unknown'
  if (isSettledNo || attempts.length >= at.deps.limits.authorizationsPerCall) return refuse(provider, last)
  return beginAuthorization(at, { provider, requirement, key, again: againSentence(last, provider) })
}

/** A tool that cannot say what it needs is refused: thrown on, its error would undo the unit, again for every holder. */
function neededBy({ tool, input, call, deps }: AtGate): { readonly requirement: AuthRequirement | undefined } | Admission {
  try {
    return { requirement: requirementFor(tool, input) }
  } catch (error) {
    deps.runtime.log.error('tool failed', { tool: tool.name, run: call.runId, call: call.id, ...errorFacts(error) })
    return { kind: 'refused', refusal: refusal('failed', 'tool_failed', `"${tool.name}" failed.`) }
  }
}

/** Starts an attempt, if its person may be asked now: its row is written, the provider is asked after the commit. */
export async function beginAuthorization(
  at: Pick<AtGate, 'transaction' | 'ledger' | 'journal' | 'call' | 'deps'>,
  { provider, ...wanted }: { provider: AuthProvider; requirement: AuthRequirement; key: string; again: string | undefined },
): Promise<Admission> {
  const { runtime, limits } = at.deps
  const no = provider.advance ? await notNow(at, provider, wanted.requirement.provider) : undefined
  if (no) return no
  const asked = { ...wanted, run: at.journal.run, callId: at.call.id, timeoutMs: limits.consentTimeoutMs, runtime }
  const authorization = await requestAuthorization(at.transaction, at.ledger, asked)
  keep(at.journal.authorizations, authorization)
  return { kind: 'begin', authorization }
}

/** A provider that asks nobody may be asked at any time; a person may not. */
async function notNow(
  at: Pick<AtGate, 'transaction' | 'journal' | 'deps'>,
  { host }: AuthProvider,
  provider: string,
): Promise<Admission | undefined> {
  const { runtime, limits } = at.deps
  const room = await roomToAsk(at)
  if (room === 'later') return { kind: 'blocked' }
  if (room !== 'now') return { kind: 'refused', refusal: room }
  const { principal, createdAt: spokeAt } = at.journal.run
  const asking = { principalId: principal.id, provider, now: runtime.now(), spokeAt }
  switch (await tooSoonToAsk(at.transaction, asking, limits)) {
    case 'declined': {
      const message = `The person declined to sign in at ${host} a moment ago. Do not try again now: say so, and wait until they ask for it.`
      return { kind: 'refused', refusal: refusal('refused', 'access_denied', message) }
    }
    case 'asked': {
      const message = `The person was asked too often in the last minute to sign in at ${host}. Do not try again now: say so.`
      return { kind: 'refused', refusal: refusal('refused', 'limit_exceeded', message) }
    }
    case undefined:
      return undefined
  }
}

/** A found `requested` row was written by somebody who died before the provider answered: it is simply begun again, unless that rings a phone twice. */
function continueLive(at: AtGate, provider: AuthProvider, live: AuthorizationRow): Admission {
  if (live.state !== 'requested' || at.inFlight.has(live.id)) return { kind: 'blocked' }
  if (provider.notifies)
    return {
      kind: 'refused',
      refusal: refusal(
        'failed',
        'outcome_unknown',
        'The request may have been sent to your phone when it was interrupted; ask again to send it again.',
      ),
    }
  return { kind: 'begin', authorization: live }
}

function refuse(provider: AuthProvider, last: AuthorizationRow | undefined): Admission {
  const code = last?.state === 'granted' ? 'insufficient_scope' : (last?.failureCode ?? 'access_denied')
  const message = last?.failureReason ?? authorizationSentence(code, provider.host)
  const status = last?.state === 'failed' ? 'failed' : last?.state === 'cancelled' ? 'cancelled' : 'refused'
  return { kind: 'refused', refusal: refusal(status, toCode(code), message) }
}

/** Stored codes are ours; text of another time is reported as what it amounts to. */
function toCode(code: string): Parameters<typeof refusal>[1] {
  return (
    (['access_denied', 'cancelled', 'expired', 'insufficient_scope', 'invalid_grant', 'upstream_failed', 'invalid_client'] as const).find(
      (known) => known === code,
    ) ?? 'upstream_failed'
  )
}

function againSentence(last: AuthorizationRow | undefined, provider: AuthProvider): string | undefined {
  if (!last) return undefined
  return last.state === 'granted'
    ? `The earlier sign-in at ${provider.host} is no longer accepted.`
    : `${authorizationSentence(last.failureCode ?? 'outcome_unknown', provider.host)} Please sign in again.`
}
