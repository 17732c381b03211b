import { Ledger } from '../audit/ledger.ts'
import { endAuthorization, requirementOf } from '../auth/authorization.ts'
import { isUsable, vaultKey } from '../auth/vault-entry.ts'
import type { Visitor } from '../interaction/asker.ts'
import type { AuthorizationRow, RunRow } from '../store/rows.ts'
import type { Transaction } from '../store/store.ts'
import type { RunDeps } from './run-deps.ts'

/** A session and the one in its place: the browser's owner is known now, or is known anew. */
export interface Adoption {
  readonly from: Visitor
  readonly to: Visitor
}

/** What an adoption needs of the world. */
export type AdoptionDeps = Pick<RunDeps, 'runtime' | 'workflow'>

/**
 * Gives a user what an anonymous session has: its conversations, its questions, and what runs for them, also while a process holds it. Belongs into
 * the unit that replaces the session, so that nothing is ever nobody's. Stored credentials do not move: whoever connected them was not known.
 */
export async function adoptSession(transaction: Transaction, deps: AdoptionDeps, adoption: Adoption): Promise<void> {
  await lockAll(transaction, adoption)
  const runs = await adoptRuns(transaction, adoption)
  const { from, to } = adoption
  // Somebody signs in again: the rest was theirs before.
  if (from.principal.id === to.principal.id) return
  const conversations = await transaction.find('conversations', { principalId: from.principal.id }, { orderBy: 'id' })
  for (const { id } of conversations) {
    const ledger = new Ledger(deps.runtime, id)
    ledger.audit({ type: 'adoption', from: from.principal.id, to: to.principal.id })
    await transaction.update('conversations', { id }, { principalId: to.principal.id, sessionId: null })
    const mine = { conversationId: id, principalId: from.principal.id }
    await transaction.update('interactions', mine, { principalId: to.principal.id, sessionId: null })
    for (const run of runs.filter(({ conversationId }) => conversationId === id))
      await adoptSignIns(transaction, ledger, { deps, run, from })
    await ledger.write(transaction)
  }
}

/** What is the session's must not change, and nothing may become its, while it changes hands. Of who signs in again only what is under way does. */
async function lockAll(transaction: Transaction, { from, to }: Adoption): Promise<void> {
  if (from.sessionId !== null) await transaction.lock(from.sessionId)
  const runs = await transaction.find('runs', { sessionId: from.sessionId, state: { oneOf: ['queued', 'ready', 'waiting'] } })
  const isSame = from.principal.id === to.principal.id
  const conversations = isSame ? [] : await transaction.find('conversations', { principalId: from.principal.id })
  const ids = new Set([...runs.map(({ conversationId }) => conversationId), ...conversations.map(({ id }) => id)])
  for (const id of [...ids].toSorted()) await transaction.lock(id)
}

/** Whoever holds one of them reads its answers again before it goes on. */
async function adoptRuns(transaction: Transaction, { from, to }: Adoption): Promise<readonly RunRow[]> {
  const runs = await transaction.find('runs', { sessionId: from.sessionId, state: { oneOf: ['queued', 'ready', 'waiting'] } })
  for (const { id } of runs) {
    await transaction.update('runs', { id }, { principal: to.principal, sessionId: to.sessionId, wake: { add: 1 } })
    transaction.notify('run', id)
  }
  return runs.map((run) => ({ ...run, principal: to.principal, sessionId: to.sessionId }))
}

/** A run's sign-ins, also those that are over (a no stays a no), are for the user's vault now. One that would fetch what lies there is not needed. */
async function adoptSignIns(
  transaction: Transaction,
  ledger: Ledger,
  { deps, run, from }: { deps: AdoptionDeps; run: RunRow; from: Visitor },
): Promise<void> {
  const { runtime } = deps
  const { providers } = deps.workflow(run.workflow)
  for (const row of await transaction.find('authorizations', { runId: run.id, principalId: from.principal.id })) {
    const provider = providers.get(row.provider)
    const requirement = requirementOf(row)
    const key = provider ? vaultKey(runtime, { provider, requirement, run, callId: row.callId }) : row.vaultKey
    const authorization: AuthorizationRow = { ...row, principalId: run.principal.id, vaultKey: key }
    await transaction.update('authorizations', { id: row.id }, { principalId: run.principal.id, vaultKey: key })
    const stored = await transaction.get('credentials', { key })
    if (!provider || !isUsable(stored, provider.scopesOf(requirement), runtime.now())) continue
    const reason = `You are already connected to ${provider.host}.`
    const end = { state: 'cancelled', code: 'cancelled', reason, by: 'system' } as const
    await endAuthorization(transaction, ledger, { authorization, from: ['requested', 'waiting'], end, runtime })
  }
}
