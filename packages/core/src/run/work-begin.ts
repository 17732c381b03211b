import {
  type AuthorizationEnd,
  endAuthorization,
  type PreparedStep,
  prepareStep,
  recordGrant,
  recordWait,
  requirementOf,
} from '../auth/authorization.ts'
import { authorizationSentence } from '../auth/authorization-sentence.ts'
import { providerOf } from '../auth/token-vault.ts'
import { vaultKey } from '../auth/vault-entry.ts'
import type { AuthContext, AuthProvider, AuthStep } from '../auth/auth-provider.ts'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import type { Credential } from '../auth/credential.ts'
import { isCountersignError } from '../errors.ts'
import { errorFacts } from '../runtime/error-facts.ts'
import type { Secret } from '../runtime/secret.ts'
import { keep } from '../store/journal.ts'
import type { AuthorizationRow } from '../store/rows.ts'
import type { RunUnit } from './end-run.ts'
import type { Holding } from './holding.ts'
import type { Work } from './proceed.ts'
import type { RunDeps } from './run-deps.ts'

/** Asks the provider of a written-down authorization, and commits what it says: a question, a credential, or a no. */
export async function beginWork(holding: Holding, work: Extract<Work, { kind: 'begin' }>): Promise<void> {
  const { deps, workflow, journal, signal } = holding
  const { runtime } = deps
  const { principal } = journal.run
  const provider = providerOf(workflow.providers, work.authorization.provider)
  const context = { runtime, principal, redirectUri: deps.redirectUri, signal }
  const requirement = requirementOf(work.authorization)
  const begun = await begin(holding, work.authorization, { provider, requirement, context }).catch((error: unknown) => {
    const about = { provider: requirement.provider, authorization: work.authorization.id, run: journal.run.id }
    runtime.log.warn('an authorization could not be begun', { ...about, ...errorFacts(error) })
    return asRefusal(error)
  })
  const step = await prepareStep(deps, work.authorization, begun)
  await holding.finish(work, `authorization-${step.status}`, async (unit) => {
    const { run, authorizations } = unit.journal
    if (run.cancel !== null) return
    // Its browser has signed in to the server meanwhile: a credential that was sealed for nobody's vault is asked for again.
    if (step.status === 'granted' && step.credential.principalId !== run.principal.id) return
    const authorization = authorizations.find(({ id }) => id === work.authorization.id) ?? work.authorization
    if (step.status === 'waiting') await recordQuestion(deps, unit, { authorization, provider, step })
    else await recordEnd(deps, unit, { authorization, provider, step })
  })
}

/** What the provider is asked with. */
interface Beginning {
  readonly provider: AuthProvider
  readonly requirement: AuthRequirement
  readonly context: AuthContext
}

/** Asks the provider, with the credentials of others where it exchanges those. One that has gone meanwhile is obtained again: the gate sees to it. */
async function begin(holding: Holding, { callId }: AuthorizationRow, { provider, requirement, context }: Beginning): Promise<AuthStep> {
  const wanted = provider.parties?.(requirement)
  if (!wanted) return provider.begin(requirement, context)
  const subject = await credentialFor(holding, { requirement: wanted.subject, callId, context })
  const actor = wanted.actor && (await credentialFor(holding, { requirement: wanted.actor, callId, context }))
  if (!subject || (wanted.actor && !actor)) return OUTCOME_UNKNOWN
  const parties = { subject, ...(actor && { actor }) }
  try {
    return await provider.begin(requirement, { ...context, parties })
  } catch (error) {
    if (!isCountersignError(error, 'invalid_grant')) throw error
    // What was exchanged counts no more, whatever its lifetime: with a renewed one it is tried once, else its person is asked anew.
    const renewed = await credentialFor(holding, { requirement: wanted.subject, callId, context, rejected: subject.accessToken })
    return renewed ? provider.begin(requirement, { ...context, parties: { ...parties, subject: renewed } }) : OUTCOME_UNKNOWN
  }
}

const OUTCOME_UNKNOWN: AuthStep = { status: 'refused', code: 'outcome_unknown' }

async function credentialFor(
  { deps, workflow, journal }: Holding,
  asked: { requirement: AuthRequirement; callId: string; context: AuthContext; rejected?: Secret },
): Promise<Credential | undefined> {
  const { callId, ...wanted } = asked
  const { requirement } = wanted
  const provider = providerOf(workflow.providers, requirement.provider)
  const key = vaultKey(deps.runtime, { provider, requirement, run: journal.run, callId })
  const held = await deps.vault.fresh({ key, provider, ...wanted })
  return 'credential' in held ? held.credential : undefined
}

/** What a provider said to an authorization that was written down. */
interface Begun<Status extends PreparedStep['status']> {
  readonly authorization: AuthorizationRow
  readonly provider: AuthProvider
  readonly step: Extract<PreparedStep, { status: Status }>
}

async function recordQuestion(
  { startUrl, runtime }: RunDeps,
  unit: RunUnit,
  { authorization, provider, step }: Begun<'waiting'>,
): Promise<void> {
  const { transaction, ledger } = unit
  const { run, calls, authorizations, interactions } = unit.journal
  const { callId } = authorization
  const tool = calls.find(({ id }) => id === callId)?.tool ?? authorization.provider
  const waiting = await recordWait(transaction, ledger, { run, authorization, step, provider, tool, startUrl, runtime })
  if (!waiting) return readAgain(unit, authorization)
  keep(authorizations, waiting.authorization)
  keep(interactions, waiting.interaction)
  ledger.event({ type: 'tool-wait', runId: run.id, callId, tool })
}

async function recordEnd(
  { vault, runtime }: RunDeps,
  unit: RunUnit,
  { authorization, provider, step }: Begun<'granted' | 'refused'>,
): Promise<void> {
  const { transaction, ledger, journal } = unit
  const end = endOf(step, provider)
  const isEnd = await endAuthorization(transaction, ledger, { authorization, from: ['requested'], end, runtime })
  if (!isEnd) return readAgain(unit, authorization)
  if (step.status === 'granted') {
    await vault.put(transaction, step.credential)
    await recordGrant(transaction, runtime, { authorization, scopes: step.scopes })
  }
  const { state, code = null, reason = null } = end
  keep(journal.authorizations, { ...authorization, state, failureCode: code, failureReason: reason })
}

/** Somebody has ended it meanwhile, perhaps in another process: nobody keeps what it brings, and nobody is asked again before that is known here. */
async function readAgain({ transaction, journal }: RunUnit, { id }: AuthorizationRow): Promise<void> {
  const now = await transaction.get('authorizations', { id })
  if (now) keep(journal.authorizations, now)
}

function endOf(step: Begun<'granted' | 'refused'>['step'], provider: AuthProvider): AuthorizationEnd {
  if (step.status === 'granted') return { state: 'granted', by: 'system' }
  const { code } = step
  // Nobody was asked: it is their server that says no.
  const isRefusedUnasked = code === 'access_denied' && provider.notifies
  const { reason = isRefusedUnasked ? `${provider.host} does not let this be asked.` : authorizationSentence(code, provider) } = step
  return { state: code === 'access_denied' ? 'denied' : 'failed', code, reason, by: 'system' }
}

/** A provider that could not be asked has not said no, but there is nothing to wait for. */
function asRefusal(error: unknown): AuthStep {
  return { status: 'refused', code: isCountersignError(error) ? error.code : 'upstream_failed' }
}
