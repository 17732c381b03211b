import { appendToStream } from '../audit/append-to-stream.ts'
import { isCountersignError } from '../errors.ts'
import type { Principal } from '../protocol/principal.ts'
import { digestText } from '../runtime/digest.ts'
import { errorFacts } from '../runtime/error-facts.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { CredentialRow } from '../store/rows.ts'
import type { Store, Transaction } from '../store/store.ts'
import type { AuthProvider } from './auth-provider.ts'
import type { Sealer } from './sealer.ts'
import { openCredential } from './vault-entry.ts'

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
   * Ends one connection.
   * @returns whether its provider confirmed it, or undefined when the principal has no such connection
   */
  async disconnect(id: string, principal: Principal): Promise<boolean | undefined> {
    const taken = await this.#deps.store.transact('disconnect', async (transaction) => {
      const rows = await transaction.find('credentials', { principalId: principal.id })
      return this.#take(
        transaction,
        rows.filter((row) => this.#idOf(row) === id),
      )
    })
    const [row] = taken
    return row && this.#withdraw(row, principal)
  }

  /** Takes all that a principal is connected to out of the vault, in a unit; `withdraw` what it returns once the unit is committed. */
  async takeAll(transaction: Transaction, principal: Principal): Promise<readonly CredentialRow[]> {
    return this.#take(transaction, await transaction.find('credentials', { principalId: principal.id }))
  }

  /** Tells the providers of what was taken, each as well as it can be told. */
  async withdraw(taken: readonly CredentialRow[], principal: Principal): Promise<void> {
    await Promise.all(taken.map((row) => this.#withdraw(row, principal)))
  }

  async #take(transaction: Transaction, rows: readonly CredentialRow[]): Promise<readonly CredentialRow[]> {
    for (const { key, principalId, provider } of rows) {
      await transaction.remove('credentials', { key })
      const record = { type: 'disconnect', principal: principalId, provider }
      await appendToStream(transaction, this.#deps.runtime, { stream: `principal:${principalId}`, record })
    }
    return rows
  }

  async #withdraw(row: CredentialRow, principal: Principal): Promise<boolean> {
    const { store, runtime } = this.#deps
    const isRevoked = await this.#revoke(row, principal).catch((error: unknown) => {
      if (isCountersignError(error, 'storage_unavailable')) throw error
      runtime.log.warn('a credential could not be revoked at its provider', { provider: row.provider, ...errorFacts(error) })
      return false
    })
    const record = { type: 'revocation', principal: row.principalId, provider: row.provider, isRevoked }
    await store.transact('revocation', (transaction) =>
      appendToStream(transaction, runtime, { stream: `principal:${row.principalId}`, record }),
    )
    return isRevoked
  }

  async #revoke(row: CredentialRow, principal: Principal): Promise<boolean> {
    const { sealer, runtime, redirectUri } = this.#deps
    const provider = this.#deps.provider(row.provider)
    const credential = await openCredential(sealer, row)
    return (await provider.revoke?.(credential, { runtime, principal, redirectUri })) ?? false
  }

  /** Not the vault's key itself: what names it to browsers tells nothing of how it is kept. */
  #idOf({ key }: CredentialRow): string {
    return digestText(this.#deps.runtime, `connection ${key}`)
  }
}
