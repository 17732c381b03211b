import { transactOn } from '../audit/ledger.ts'
import { type CountersignError, isCountersignError } from '../errors.ts'
import type { JsonObject } from '../protocol/json.ts'
import type { Principal } from '../protocol/principal.ts'
import { errorFacts } from '../runtime/error-facts.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { AuthorizationRow, RunRow } from '../store/rows.ts'
import type { Store } from '../store/store.ts'
import type { AuthContext, AuthEvent, AuthProvider, AuthStep } from './auth-provider.ts'
import {
  type AuthorizationEnd,
  type PreparedStep,
  endAuthorization,
  prepareStep,
  recordGrant,
  requirementOf,
  sealedPlace,
} from './authorization.ts'
import { authorizationSentence } from './authorization-sentence.ts'
import type { ReturnOutcome } from './consents.ts'
import type { Sealer } from './sealer.ts'
import type { TokenVault } from './token-vault.ts'

export interface ExchangeDeps {
  readonly store: Store
  readonly runtime: Runtime
  readonly sealer: Sealer
  readonly vault: TokenVault
  readonly provider: (name: string) => AuthProvider
  readonly context: (principal: Principal) => AuthContext
}

/** What an exchange came to; `waiting`: a poll that brought no decision. */
export type ExchangeOutcome = ReturnOutcome | { readonly outcome: 'waiting' }

/** An authorization that this process has just marked `exchanging`, and the run it is for. */
export interface Taken {
  readonly authorization: AuthorizationRow
  readonly run: RunRow
}

/**
 * Makes the one exchange of an authorization that was just marked `exchanging`, outside any transaction, and commits its result. If this process
 * dies in between, the row's deadline tells the others.
 */
export async function exchange(deps: ExchangeDeps, { authorization, run }: Taken, event: AuthEvent): Promise<ExchangeOutcome> {
  const { runtime } = deps
  const provider = deps.provider(authorization.provider)
  const about = { provider: authorization.provider, authorization: authorization.id, run: run.id }
  try {
    const state = JSON.parse(await deps.sealer.open(authorization.sealedState ?? '', sealedPlace(authorization))) as JsonObject
    const step = await provider.advance?.(requirementOf(authorization), state, event, deps.context(run.principal))
    if (step?.status === 'granted') return await grant(deps, { authorization, provider, run, step })
    if (step?.status === 'waiting' && step.pollAt !== undefined) return await waitOn(deps, authorization, step)
    const code = step?.status === 'refused' ? step.code : 'upstream_failed'
    return await end(deps, { authorization, provider, code })
  } catch (error) {
    if (isCountersignError(error, 'storage_unavailable')) throw error
    if (isCountersignError(error, 'foreign_callback')) {
      runtime.log.warn('callback refused', { ...about, why: 'foreign_callback', ...errorFacts(error) })
      return giveBack(deps, authorization)
    }
    const code = isCountersignError(error) ? codeOf(error) : 'upstream_failed'
    runtime.log.warn('sign-in failed', { ...about, ...errorFacts(error), code })
    return end(deps, { authorization, provider, code })
  }
}

/** What was sealed under a key that is gone tells nothing of the sign-in: it is asked for anew. */
function codeOf({ code }: CountersignError): string {
  return code === 'invalid_seal' ? 'outcome_unknown' : code
}

/** Nobody has decided yet: it is asked again at its time, or at once where a ping came meanwhile. */
export async function waitOn(deps: ExchangeDeps, authorization: AuthorizationRow, step: AuthStep): Promise<ExchangeOutcome> {
  const prepared = await prepareStep(deps, authorization, step)
  const { id, conversationId, runId, interactionId, owner, exchangeUntil, expiresAt } = authorization
  await transactOn(deps, { name: 'polled', conversationId }, async (transaction, ledger) => {
    if (prepared.status !== 'waiting') return
    // Only who polls it now: after its deadline another may.
    const mine = await transaction.get('authorizations', { id, state: 'exchanging', owner, exchangeUntil })
    if (!mine) return
    const pollAt = mine.pollAt === authorization.pollAt ? prepared.pollAt : mine.pollAt
    const { sealedState, phase } = prepared
    await transaction.update('authorizations', { id }, { state: 'waiting', owner: null, exchangeUntil: 0, sealedState, pollAt })
    if (interactionId !== null && pollAt !== null && authorization.leaderId === null)
      ledger.event({ type: 'authorization-wait', runId, interactionId, wait: { phase, nextPollAt: pollAt, expiresAt } })
  })
  return { outcome: 'waiting' }
}

/** Ends an authorization whose exchange is over with the credential it brought. */
export async function grant(
  deps: ExchangeDeps,
  {
    authorization,
    provider,
    run,
    step,
  }: { authorization: AuthorizationRow; provider: AuthProvider; run: RunRow; step: Extract<AuthStep, { status: 'granted' }> },
): Promise<ReturnOutcome> {
  const { runtime, vault } = deps
  const prepared: PreparedStep = await prepareStep(deps, authorization, step)
  const { id, conversationId, principalId } = authorization
  const isKept = await transactOn(deps, { name: 'granted', conversationId }, async (transaction, ledger) => {
    const granted = { state: 'granted', by: provider.notifies ? 'system' : principalId } as const
    if (prepared.status !== 'granted') return false
    const now = await transaction.get('authorizations', { id })
    if (now && now.vaultKey !== authorization.vaultKey) return now
    if (!(await endAuthorization(transaction, ledger, { authorization, from: from(authorization), end: granted, runtime }))) return false
    await vault.put(transaction, prepared.credential)
    await recordGrant(transaction, runtime, { authorization, scopes: prepared.scopes })
    return true
  })
  // The browser has signed in to the server meanwhile: the credential is for the user's vault.
  if (typeof isKept === 'object') return grant(deps, { authorization: isKept, provider, run, step })
  if (isKept) {
    runtime.log.info('signed in', { provider: authorization.provider, authorization: authorization.id, run: run.id })
    return { outcome: 'granted' }
  }
  // It was cancelled meanwhile: what nobody wants any more is given back, if the server takes it. What belongs to another request stays that one's.
  if (authorization.leaderId === null) await provider.revoke?.(step.credential, deps.context(run.principal)).catch(() => false)
  return { outcome: 'earlier' }
}

/** Ends an authorization whose exchange is over without a credential. */
export async function end(
  deps: ExchangeDeps,
  { authorization, provider, code }: { authorization: AuthorizationRow; provider: AuthProvider; code: string },
): Promise<ReturnOutcome> {
  const { conversationId, principalId } = authorization
  const sentence = authorizationSentence(code, provider)
  const isDeclined = code === 'access_denied'
  const state = isDeclined ? 'denied' : code === 'expired' ? 'expired' : 'failed'
  // Who is asked on another device need not be who asks here.
  const how: AuthorizationEnd = { state, code, reason: sentence, by: isDeclined && !provider.notifies ? principalId : 'system' }
  const ended = await transactOn(deps, { name: 'not-granted', conversationId }, (transaction, ledger) =>
    endAuthorization(transaction, ledger, { authorization, from: from(authorization), end: how, runtime: deps.runtime }),
  )
  if (!ended) return { outcome: 'earlier' }
  return { outcome: isDeclined ? 'declined' : 'failed', sentence }
}

/** A poll that took longer than its deadline may have been given back meanwhile; what it brings is as true as before. */
function from({ pollAt }: AuthorizationRow): readonly ('waiting' | 'exchanging')[] {
  return pollAt === null ? ['exchanging'] : ['waiting', 'exchanging']
}

/** The answer was not our server's, and nothing was sent: the sign-in waits on as before. */
async function giveBack(deps: ExchangeDeps, { id, conversationId }: AuthorizationRow): Promise<ReturnOutcome> {
  await transactOn(deps, { name: 'callback-foreign', conversationId }, async (transaction, ledger) => {
    await transaction.update('authorizations', { id, state: 'exchanging' }, { state: 'waiting', owner: null, exchangeUntil: 0 })
    ledger.audit({ type: 'callback-refused', authorization: id, why: 'foreign_callback' })
  })
  return { outcome: 'foreign_callback' }
}
