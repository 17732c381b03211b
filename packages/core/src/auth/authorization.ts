import { appendToStream } from '../audit/append-to-stream.ts'
import type { Ledger } from '../audit/ledger.ts'
import type { ErrorCode } from '../errors.ts'
import { type InteractionEnd, openInteraction, settleInteraction } from '../interaction/interactions.ts'
import { wakeRun } from '../interaction/wake-run.ts'
import type { WaitProgress } from '../protocol/interaction.ts'
import type { JsonObject } from '../protocol/json.ts'
import { digestText } from '../runtime/digest.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { AuthorizationRow, AuthorizationState, CredentialRow, InteractionRow, RunRow } from '../store/rows.ts'
import type { Transaction } from '../store/store.ts'
import type { AuthProvider, AuthStep, Challenge } from './auth-provider.ts'
import type { AuthRequirement } from './auth-requirement.ts'
import { authorizationQuestion } from './authorization-question.ts'
import type { Sealer } from './sealer.ts'
import { sealCredential } from './vault-entry.ts'

type LiveState = 'requested' | 'waiting' | 'exchanging'
type EndState = Exclude<AuthorizationState, LiveState>

/** The states in which a human or the other server may still decide. */
export const LIVE: readonly LiveState[] = ['requested', 'waiting', 'exchanging']

export function isLive(authorization: Pick<AuthorizationRow, 'state'>): boolean {
  return (LIVE as readonly string[]).includes(authorization.state)
}

/** How often one that shares another's end looks for it, milliseconds, should its notice be lost. */
export const FOLLOW_MS = 1_000

/** An authorization about to be asked for. */
interface NewAuthorization {
  readonly run: RunRow
  readonly callId: string
  readonly requirement: AuthRequirement
  /** Of the vault. */
  readonly key: string
  readonly again: string | undefined
  readonly timeoutMs: number
  /** Where somebody's device rings: whose, and for what. */
  readonly personDigest?: string
  readonly sameDigest?: string
  /** The request that counts for this one, too: nothing is sent, and its end is waited for. */
  readonly leaderId?: string
  /** Of the question that tells of it, where one is asked at once. */
  readonly interactionId?: string
  readonly runtime: Runtime
}

/** Writes the intention before the first call leaves, so that a crash in between is seen. */
export async function requestAuthorization(transaction: Transaction, ledger: Ledger, asked: NewAuthorization): Promise<AuthorizationRow> {
  const { run, callId, requirement, key, runtime } = asked
  const now = runtime.now()
  const row: AuthorizationRow = {
    id: runtime.id(),
    conversationId: run.conversationId,
    runId: run.id,
    callId,
    interactionId: asked.interactionId ?? null,
    principalId: run.principal.id,
    provider: requirement.provider,
    vaultKey: key,
    // Plain data by its definition; optional members hide that from TypeScript.
    requirement: requirement as unknown as JsonObject,
    state: asked.leaderId === undefined ? 'requested' : 'waiting',
    sealedState: null,
    stateDigest: null,
    flowDigest: null,
    owner: null,
    exchangeUntil: 0,
    again: asked.again ?? null,
    pollAt: asked.leaderId === undefined ? null : now + FOLLOW_MS,
    pingDigest: null,
    personDigest: asked.personDigest ?? null,
    sameDigest: asked.sameDigest ?? null,
    leaderId: asked.leaderId ?? null,
    failureCode: null,
    failureReason: null,
    createdAt: now,
    expiresAt: now + asked.timeoutMs,
  }
  await transaction.insert('authorizations', row)
  ledger.audit({ type: 'authorization-request', run: run.id, call: callId, authorization: row.id, provider: row.provider })
  return row
}

/** A provider's step in the form in which it can be stored. Sealing takes time: prepare before the unit that records. */
export type PreparedStep =
  | { readonly status: 'granted'; readonly credential: CredentialRow; readonly scopes: readonly string[] }
  | {
      readonly status: 'waiting'
      readonly challenge: Challenge
      readonly sealedState: string
      readonly stateDigest: string | null
      readonly pingDigest: string | null
      readonly expiresAt: number | undefined
      readonly pollAt: number | null
      readonly phase: WaitProgress['phase']
    }
  | { readonly status: 'refused'; readonly code: ErrorCode; readonly reason?: string }

export async function prepareStep(
  deps: { sealer: Sealer; runtime: Runtime },
  authorization: AuthorizationRow,
  step: AuthStep,
): Promise<PreparedStep> {
  switch (step.status) {
    case 'refused':
      return step
    case 'granted': {
      const place = { key: authorization.vaultKey, principalId: authorization.principalId, provider: authorization.provider }
      const credential = await sealCredential(deps.sealer, place, { credential: step.credential, now: deps.runtime.now() })
      return { status: 'granted', credential, scopes: step.credential.scopes }
    }
    case 'waiting': {
      const sealedState = await deps.sealer.seal(JSON.stringify(step.state), sealedPlace(authorization))
      const digestOf = (text: string | undefined): string | null => (text === undefined ? null : digestText(deps.runtime, text))
      const { challenge, correlation, pingToken, expiresAt, pollAt = null, phase = 'waiting' } = step
      const digests = { stateDigest: digestOf(correlation), pingDigest: digestOf(pingToken) }
      return { status: 'waiting', challenge, sealedState, ...digests, expiresAt, pollAt, phase }
    }
  }
}

/** Where the provider's own state belongs; its seal opens nowhere else. Not with the principal: a browser may sign in to the server meanwhile. */
export function sealedPlace({ id, provider }: Pick<AuthorizationRow, 'id' | 'provider'>): readonly string[] {
  return ['authorization', id, provider]
}

/** A wait for a person, and what they are told of it. */
interface NewWait {
  readonly run: RunRow
  readonly authorization: AuthorizationRow
  readonly step: Extract<PreparedStep, { status: 'waiting' }>
  readonly provider: AuthProvider
  readonly tool: string
  readonly startUrl: (interactionId: string) => string
  readonly runtime: Runtime
}

/** Asks the person: the question and the waiting authorization in one commit. */
export async function recordWait(
  transaction: Transaction,
  ledger: Ledger,
  asked: NewWait,
): Promise<{ authorization: AuthorizationRow; interaction: InteractionRow } | undefined> {
  const { run, authorization, step, provider, runtime } = asked
  const id = runtime.id()
  const { expiresAt: ends = authorization.expiresAt } = step
  // A browser's sign-in is not to be open for long; how long somebody is asked on a device is their server's to say.
  const expiresAt = step.pollAt === null ? Math.min(authorization.expiresAt, ends) : ends
  const { sealedState, stateDigest, pingDigest, pollAt } = step
  const change = { state: 'waiting', interactionId: id, sealedState, stateDigest, pingDigest, pollAt, expiresAt } as const
  const updated = await transaction.update('authorizations', { id: authorization.id, state: 'requested' }, change)
  if (updated === 0) return undefined
  const interaction = await openInteraction(transaction, ledger, {
    id,
    run,
    callId: authorization.callId,
    place: `auth:${authorization.id}`,
    timeoutMs: expiresAt - runtime.now(),
    runtime,
    ...(authorization.again !== null && { again: authorization.again }),
    question: authorizationQuestion({
      challenge: step.challenge,
      provider,
      requirement: requirementOf(authorization),
      tool: asked.tool,
      startUrl: asked.startUrl(id),
    }),
  })
  if (pollAt !== null)
    ledger.event({
      type: 'authorization-wait',
      runId: run.id,
      interactionId: id,
      wait: { phase: step.phase, nextPollAt: pollAt, expiresAt },
    })
  return { authorization: { ...authorization, ...change }, interaction }
}

/** What an authorization ended with. */
export interface AuthorizationEnd {
  readonly state: EndState
  readonly code?: string
  readonly reason?: string
  readonly by: string
  /** The session it came from. */
  readonly session?: string
}

/** Ends an authorization and its question exactly once, and wakes the run. @returns whether this was the end */
export async function endAuthorization(
  transaction: Transaction,
  ledger: Ledger,
  {
    authorization,
    from,
    end,
    runtime,
  }: { authorization: AuthorizationRow; from: readonly LiveState[]; end: AuthorizationEnd; runtime: Runtime },
): Promise<boolean> {
  const change = {
    state: end.state,
    failureCode: end.code ?? null,
    failureReason: end.reason ?? null,
    sealedState: null,
    owner: null,
    pollAt: null,
  }
  const ended = await transaction.updateOne('authorizations', { id: authorization.id, state: { oneOf: from } }, change)
  if (!ended) return false
  ledger.audit({
    type: 'authorization-end',
    run: authorization.runId,
    authorization: authorization.id,
    state: end.state,
    code: end.code ?? null,
    by: end.by,
  })
  // By the row as it is now: its question may have been asked since it was read.
  const interaction = ended.interactionId ? await transaction.get('interactions', { id: ended.interactionId }) : undefined
  if (interaction) {
    const interactionEnd: InteractionEnd = {
      state: INTERACTION_END[end.state],
      by: end.by,
      ...(end.session !== undefined && { session: end.session }),
      ...(end.reason !== undefined && { sentence: end.reason }),
    }
    await settleInteraction(transaction, ledger, { interaction, end: interactionEnd, runtime })
  }
  if (ended.sameDigest !== null) await transaction.update('authorizations', { leaderId: ended.id, state: 'waiting' }, { pollAt: 0 })
  if (ended.leaderId !== null) await dropShared(transaction, ended.leaderId)
  await wakeRun(transaction, authorization.runId)
  return true
}

/** What a leader whose call is over has kept for those who share it goes with the last of them. */
async function dropShared(transaction: Transaction, id: string): Promise<void> {
  const leader = await transaction.get('authorizations', { id })
  if (leader?.state !== 'granted' || requirementOf(leader).reuse !== 'call') return
  await transaction.lock(leader.vaultKey)
  const call = await transaction.get('calls', { id: leader.callId })
  if (call?.state !== 'done') return
  const sharing = await transaction.find('authorizations', { leaderId: id })
  if (!sharing.some(isLive)) await transaction.remove('credentials', { key: leader.vaultKey })
}

/** Records a credential in the trail of the principal whose vault it is in from now on. */
export function recordGrant(
  transaction: Transaction,
  runtime: Pick<Runtime, 'now' | 'sha256'>,
  { authorization, scopes }: { authorization: AuthorizationRow; scopes: readonly string[] },
): Promise<void> {
  const { id, principalId, provider } = authorization
  const record = { type: 'grant', principal: principalId, provider, scopes, authorization: id } as const
  return appendToStream(transaction, runtime, { stream: `principal:${principalId}`, record })
}

/** The stored requirement, as it was written. */
export function requirementOf(authorization: Pick<AuthorizationRow, 'requirement'>): AuthRequirement {
  return authorization.requirement as unknown as AuthRequirement
}

/** The ends of an authorization end its question. */
const INTERACTION_END: Record<EndState, InteractionEnd['state']> = {
  granted: 'answered',
  denied: 'declined',
  expired: 'expired',
  failed: 'failed',
  cancelled: 'cancelled',
}
