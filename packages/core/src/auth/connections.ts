import { appendToStream } from '../audit/append-to-stream.ts'
import { Ledger } from '../audit/ledger.ts'
import { isCountersignError } from '../errors.ts'
import type { Principal } from '../protocol/principal.ts'
import { digestText } from '../runtime/digest.ts'
import { errorFacts } from '../runtime/error-facts.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { CredentialRow } from '../store/rows.ts'
import type { Store, Transaction } from '../store/store.ts'
import type { AuthProvider } from './auth-provider.ts'
import { endAuthorization, LIVE } from './authorization.ts'
import type { Sealer } from './sealer.ts'
import { isOf, openCredential } from './vault-entry.ts'

export interface ConnectionDeps {
  readonly store: Store
  readonly runtime: Runtime
  readonly sealer: Sealer
  readonly provider: (name: string) => AuthProvider
  readonly redirectUri: string
}

/** A credential as its owner may know it. */
export type ConnectionRow = Pick<CredentialRow, 'provider' | 'scopes' | 'expiresAt' | 'connectedAt'> & {
  readonly id: string
  /** Whether it is renewed by itself. */
  readonly isRenewable: boolean
}

/**
 * What principals are connected to. A connection that ends leaves the vault first: from then on no call gets its token, and a refresh under way
 * writes nothing. Then its provider is told.
 */
export class Connections {
  readonly #deps: ConnectionDeps

  constructor(deps: ConnectionDeps) {
    this.#deps = deps
  }

  /** All that a call could use now, the oldest first. */
  async list(principal: Principal): Promise<readonly ConnectionRow[]> {
    const { store, runtime } = this.#deps
    const where = { principalId: principal.id }
    const rows = await store.transact('connections', (transaction) => transaction.find('credentials', where, { orderBy: 'connectedAt' }))
    return rows
      .map((row) => ({ row, isRenewable: row.refreshable === 1 }))
      .filter(({ row, isRenewable }) => isRenewable || row.expiresAt === null || row.expiresAt > runtime.now())
      .map(({ row, isRenewable }) => {
        const { provider, scopes, expiresAt, connectedAt } = row
        return { id: this.#idOf(row), provider, scopes, expiresAt, connectedAt, isRenewable }
      })
  }

  /**
   * Ends one connection, and the sign-ins at its provider that the person has under way: they would connect them again.
   * @returns whether its provider confirmed it, or undefined when the principal has no such connection
   */
  async disconnect(id: string, principal: Principal): Promise<boolean | undefined> {
    const taken = await this.#deps.store.transact('disconnect', async (transaction) => {
      const [found] = await this.#find(transaction, id, principal)
      if (!found) return []
      await this.#endSignIns(transaction, found)
      return this.#take(transaction, await this.#find(transaction, id, principal))
    })
    const [row] = taken
    return row && this.#withdraw(row, principal)
  }

  /** Takes all that a principal is connected to out of the vault, in a unit; `withdraw` what it returns once the unit is committed. */
  async takeAll(transaction: Transaction, principal: Principal): Promise<readonly CredentialRow[]> {
    return this.#take(transaction, await transaction.find('credentials', { principalId: principal.id }, { orderBy: 'key' }))
  }

  /** Tells the providers of what was taken, each as well as it can be told. */
  async withdraw(taken: readonly CredentialRow[], principal: Principal): Promise<void> {
    await Promise.all(taken.map((row) => this.#withdraw(row, principal)))
  }

  async #find(transaction: Transaction, id: string, principal: Principal): Promise<readonly CredentialRow[]> {
    const rows = await transaction.find('credentials', { principalId: principal.id })
    return rows.filter((row) => this.#idOf(row) === id)
  }

  /** Their questions close, and calls that wait for them are refused. One that is being exchanged brings a credential that nobody keeps. */
  async #endSignIns(transaction: Transaction, { principalId, provider }: CredentialRow): Promise<void> {
    const { runtime } = this.#deps
    const where = { principalId, provider, state: { oneOf: LIVE } }
    for (const { conversationId } of await transaction.find('authorizations', where, { orderBy: 'conversationId' }))
      await transaction.lock(conversationId)
    const end = { state: 'cancelled', code: 'cancelled', reason: 'You ended this connection.', by: principalId } as const
    for (const authorization of await transaction.find('authorizations', where, { orderBy: 'conversationId' })) {
      const ledger = new Ledger(runtime, authorization.conversationId)
      await endAuthorization(transaction, ledger, { authorization, from: LIVE, end, runtime })
      await ledger.write(transaction)
    }
  }

  /** Takes them as they are now: one may have been renewed since it was read, or ended by somebody else. */
  async #take(transaction: Transaction, rows: readonly CredentialRow[]): Promise<readonly CredentialRow[]> {
    const taken: CredentialRow[] = []
    for (const { key } of rows) {
      const row = await transaction.updateOne('credentials', { key }, { version: { add: 1 } })
      if (!row) continue
      await transaction.remove('credentials', { key })
      const record = { type: 'disconnect', principal: row.principalId, provider: row.provider } as const
      await appendToStream(transaction, this.#deps.runtime, { stream: `principal:${row.principalId}`, record })
      taken.push(row)
    }
    return taken
  }

  async #withdraw(row: CredentialRow, principal: Principal): Promise<boolean> {
    const { store, runtime } = this.#deps
    const isRevoked = await this.#revoke(row, principal).catch((error: unknown) => {
      if (isCountersignError(error, 'storage_unavailable')) throw error
      runtime.log.warn('a credential could not be revoked at its provider', { provider: row.provider, ...errorFacts(error) })
      return false
    })
    const record = { type: 'revocation', principal: row.principalId, provider: row.provider, isRevoked } as const
    await store.transact('revocation', (transaction) =>
      appendToStream(transaction, runtime, { stream: `principal:${row.principalId}`, record }),
    )
    return isRevoked
  }

  async #revoke(row: CredentialRow, principal: Principal): Promise<boolean> {
    const { sealer, runtime, redirectUri } = this.#deps
    const provider = this.#deps.provider(row.provider)
    const credential = await openCredential(sealer, row)
    if (!isOf(credential, provider)) return false
    return (await provider.revoke?.(credential, { runtime, principal, redirectUri })) ?? false
  }

  /** Not the vault's key itself: what names it to browsers tells nothing of how it is kept. */
  #idOf({ key }: CredentialRow): string {
    return digestText(this.#deps.runtime, `connection ${key}`)
  }
}
