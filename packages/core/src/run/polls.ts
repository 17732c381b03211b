import { transactOn } from '../audit/ledger.ts'
import type { AuthStep } from '../auth/auth-provider.ts'
import { FOLLOW_MS, isLive } from '../auth/authorization.ts'
import { end, exchange, type ExchangeDeps, grant, type Taken, waitOn } from '../auth/exchange.ts'
import { providerOf } from '../auth/token-vault.ts'
import { openCredential } from '../auth/vault-entry.ts'
import { isCountersignError } from '../errors.ts'
import { viewOf } from '../interaction/interactions.ts'
import { errorFacts } from '../runtime/error-facts.ts'
import type { AuthorizationRow, RunRow } from '../store/rows.ts'
import type { RunDeps } from './run-deps.ts'

/** How many authorizations one unit takes. */
const BATCH = 100
/** How many one process asks about at a time; the others have their turn at the next look, the oldest first. */
const MOST = 1_000

/** Asks authorization servers whether somebody has decided, each time it is due. Of several processes only one polls the same request at a time. */
export class Polls {
  readonly #deps: RunDeps
  readonly #underWay = new Set<Promise<void>>()

  constructor(deps: RunDeps) {
    this.#deps = deps
  }

  /** Takes what is due and asks for it; does not wait for the answers. */
  async takeDue(): Promise<void> {
    let taken: readonly Taken[]
    do {
      taken = await this.#take()
      for (const each of taken) {
        const poll = this.#poll(each).finally(() => this.#underWay.delete(poll))
        this.#underWay.add(poll)
      }
    } while (taken.length === BATCH && this.#underWay.size < MOST)
  }

  /** Resolves when no answer is waited for. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay)
  }

  /** Marks them `exchanging`: if this process dies before the answer is here, another asks once the deadline has passed. */
  #take(): Promise<readonly Taken[]> {
    const { store, runtime, owner, limits } = this.#deps
    return store.transact('claim-polls', async (transaction) => {
      const isDue = { state: 'waiting', pollAt: { atMost: runtime.now() } } as const
      const due = await transaction.find('authorizations', isDue, { orderBy: 'pollAt', limit: BATCH, skipLocked: true })
      if (due.length === 0) return []
      const exchangeUntil = transaction.now + limits.pollDeadlineMs
      const mine = { state: 'exchanging', owner, exchangeUntil, pollAt: exchangeUntil } as const
      await transaction.update('authorizations', { id: { oneOf: due.map(({ id }) => id) }, ...isDue }, mine)
      const runs = await transaction.find('runs', { id: { oneOf: [...new Set(due.map(({ runId }) => runId))] } })
      return due.flatMap((row) => {
        const run = runs.find(({ id }) => id === row.runId)
        return run ? [{ authorization: { ...row, ...mine }, run }] : []
      })
    })
  }

  async #poll(taken: Taken): Promise<void> {
    const { authorization, run } = taken
    try {
      const deps = this.#exchangeDeps(run)
      await (authorization.leaderId === null ? exchange(deps, taken, { type: 'tick' }) : this.#follow(deps, taken))
    } catch (error) {
      const about = { provider: authorization.provider, authorization: authorization.id, run: run.id }
      this.#deps.runtime.log.error('a request could not be polled; it is tried again', { ...about, ...errorFacts(error) })
    }
  }

  /** One that shares the end of another: that end, if it is there. */
  async #follow(deps: ExchangeDeps, { authorization, run }: Taken): Promise<void> {
    const { store, runtime } = this.#deps
    const leader = await store.transact('leader', (transaction) => transaction.get('authorizations', { id: authorization.leaderId ?? '' }))
    const provider = deps.provider(authorization.provider)
    if (leader && isLive(leader)) {
      if (leader.state !== 'requested' && leader.expiresAt > authorization.expiresAt)
        await this.#waitLonger(authorization, leader.expiresAt)
      const challenge = { kind: 'backchannel' } as const
      const step: AuthStep = { status: 'waiting', challenge, state: {}, pollAt: runtime.now() + FOLLOW_MS }
      return void (await waitOn(deps, authorization, step))
    }
    const credential = leader?.state === 'granted' ? await this.#credentialOf(leader) : undefined
    if (credential) return void (await grant(deps, { authorization, provider, run, step: { status: 'granted', credential } }))
    // Whoever asked first elsewhere wants it no more: this one asks for itself. Within a run a person stops both.
    const isWithdrawn = leader?.state === 'cancelled' && (leader.runId !== run.id || leader.failureCode === 'sent_again')
    const isDecided = leader && leader.state !== 'granted' && !isWithdrawn
    await end(deps, { authorization, provider, code: (isDecided && leader.failureCode) || 'sent_again' })
  }

  /** It joined before the server had said for how long it asks. */
  async #waitLonger({ id, conversationId, interactionId, runId }: AuthorizationRow, expiresAt: number): Promise<void> {
    await transactOn(this.#deps, { name: 'follow-longer', conversationId }, async (transaction, ledger) => {
      await transaction.update('authorizations', { id }, { expiresAt })
      const shown = await transaction.updateOne('interactions', { id: interactionId ?? '', state: 'pending' }, { expiresAt })
      if (shown) ledger.event({ type: 'interaction-update', runId, interaction: viewOf(shown) })
    })
  }

  async #credentialOf({ vaultKey }: AuthorizationRow) {
    const { store, sealer } = this.#deps
    const row = await store.transact('vault-read', (transaction) => transaction.get('credentials', { key: vaultKey }))
    return (
      row &&
      openCredential(sealer, row).catch((error: unknown) => {
        if (!isCountersignError(error, 'invalid_seal')) throw error
        return undefined // its key is gone
      })
    )
  }

  #exchangeDeps({ workflow }: RunRow): ExchangeDeps {
    const { store, runtime, sealer, vault, redirectUri } = this.#deps
    const { providers } = this.#deps.workflow(workflow)
    return {
      store,
      runtime,
      sealer,
      vault,
      provider: (name) => providerOf(providers, name),
      context: (principal) => ({ runtime, principal, redirectUri }),
    }
  }
}
